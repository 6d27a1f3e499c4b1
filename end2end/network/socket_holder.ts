/** Sockets that stay open while a Snug restarts, as systemd has them for it. */
import path from 'node:path';
import { FOLDER } from './certificate';
import type { Machine } from './machine';
import { Daemon, until } from './shell';
import { VOICE_PORT } from './snug';

/** Debian's own. Another one on the path may be a script that takes long to start, and a restart is measured. */
const HOLDER = ['/usr/bin/python3', path.join(__dirname, 'socket_holder.py')];
const SOCKETS = ['tcp:443', `udp:${VOICE_PORT}`, `tcp:${VOICE_PORT}`];

export interface HeldSockets {
  /** The command that starts a program on the same machine with the sockets. */
  under: string[];
  stop: () => Promise<void>;
}

/** Opens the sockets of a Snug that ends TLS itself. */
export async function holdSockets(machine: Machine): Promise<HeldSockets> {
  const place = path.join(FOLDER, `${machine.name}.sockets`);
  const daemon = new Daemon([...machine.enter, ...HOLDER, 'hold', place, ...SOCKETS]);
  await until(() => daemon.log.includes('ready'), 'the sockets are open').catch(async (reason) => {
    await daemon.stop();
    throw new Error(`${reason.message}\n${daemon.log}`);
  });
  return { under: [...HOLDER, 'pass', place], stop: () => daemon.stop() };
}
