/** Caddy in front of a Snug, with a certificate of the lab's authority. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CERTIFICATE, KEY } from './certificate';
import { Daemon, until } from './shell';
import type { Machine } from './machine';

/** What Caddy does otherwise than pass all requests on to the Snug. */
export interface ProxySettings {
  /** Lines of the site's block, instead of the one that passes requests on. */
  site?: string;
  certificate?: string;
  key?: string;
}

/** Starts Caddy on the machine of a Snug. */
export async function startCaddy(machine: Machine, name: string, port: number, settings: ProxySettings = {}): Promise<Daemon> {
  const { site = `reverse_proxy 127.0.0.1:${port}`, certificate = CERTIFICATE, key = KEY } = settings;
  const folder = await mkdtemp(path.join(tmpdir(), 'snug-caddy-'));
  const file = path.join(folder, 'Caddyfile');
  await writeFile(
    file,
    `{
      admin off
      auto_https off
      servers {
        protocols h1 h2
      }
    }
    http://${name} {
      redir https://${name}{uri} 308
    }
    https://${name} {
      tls ${certificate} ${key}
      ${site}
    }
    `,
  );
  const command = [...machine.enter, 'caddy', 'run', '--adapter', 'caddyfile', '--config', file];
  const caddy = new Daemon(command, { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder });
  await until(() => machine.accepts(443), 'Caddy listens').catch(async (reason) => {
    await caddy.stop();
    throw new Error(`${reason.message}\n${caddy.log}`);
  });
  return caddy;
}
