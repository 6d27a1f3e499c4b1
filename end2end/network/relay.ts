/** A TURN server (coturn) on a machine of the lab, which takes TLS on port 443 and gives credentials by a shared secret. */
import { CERTIFICATE, FOLDER, KEY } from './certificate';
import { makeMachine } from './internet';
import type { Lab } from './lab';
import { Daemon, until } from './shell';

const HOST = 'turn.lab.test';
const PORT = 443;
export const RELAY_SECRET = 'a secret of the lab';

export interface Relay {
  url: string;
  stop: () => Promise<void>;
}

export async function startRelay(lab: Lab): Promise<Relay> {
  const machine = await makeMachine('turn', 'servers');
  lab.names.set(HOST, machine.address);
  const options = {
    'listening-ip': machine.address,
    'relay-ip': machine.address,
    'tls-listening-port': String(PORT),
    realm: HOST,
    'static-auth-secret': RELAY_SECRET,
    cert: CERTIFICATE,
    pkey: KEY,
    userdb: `${FOLDER}/turn.db`,
    pidfile: `${FOLDER}/turn.pid`,
    'log-file': 'stdout',
  };
  const flags = ['-n', '--no-cli', '--no-dtls', '--use-auth-secret', '--simple-log'];
  const pairs = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const daemon = new Daemon([...machine.enter, 'turnserver', ...flags, ...pairs]);
  await until(() => machine.accepts(PORT, machine.address), 'coturn listens').catch(async (reason) => {
    await daemon.stop();
    throw new Error(`${reason.message}\n${daemon.log}`);
  });
  return { url: `turns:${HOST}:${PORT}?transport=tcp`, stop: () => daemon.stop() };
}
