/** Pebble, the test server of Let's Encrypt, on the router of the lab. Its name server says that every name leads to one machine. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BROWSER_HOME, CERTIFICATE, FOLDER, KEY } from '../network/certificate';
import { ROUTER } from '../network/internet';
import type { Names } from '../network/names';
import { Daemon, sh, until } from '../network/shell';

const HOST = 'acme.lab.test';
const PORTS = { directory: 14_000, management: 15_000, dns: 8_053, dnsManagement: 8_055 };

export const DIRECTORY = `https://${HOST}:${PORTS.directory}/dir`;

export class Pebble {
  private constructor(
    private readonly daemons: Daemon[],
    /** The certificate of the authority that signs all others. Pebble makes a new one at each start. */
    readonly authority: string,
  ) {}

  /** Starts Pebble, which checks names at `address`. Browsers that start afterwards trust its certificates. */
  static async start(names: Names, address: string): Promise<Pebble> {
    names.set(HOST, ROUTER);
    const daemons = [startNameServer(address), await startServer()];
    try {
      const authority = await readAuthority();
      await letBrowsersTrust(authority, `pebble-${address}`);
      return new Pebble(daemons, authority);
    } catch (reason) {
      await stopAll(daemons);
      throw new Error(`${(reason as Error).message}\n${daemons.map(({ log }) => log).join('\n')}`);
    }
  }

  get log(): string {
    return this.daemons.map(({ log }) => log).join('\n');
  }

  stop(): Promise<void> {
    return stopAll(this.daemons);
  }
}

function startNameServer(address: string): Daemon {
  const answers = ['-defaultIPv4', address, '-defaultIPv6', ''];
  const withoutChallenges = ['-http01', '', '-https01', '', '-tlsalpn01', ''];
  const ports = ['-dns01', `${ROUTER}:${PORTS.dns}`, '-management', `${ROUTER}:${PORTS.dnsManagement}`];
  return new Daemon(['pebble-challtestsrv', ...answers, ...withoutChallenges, ...ports]);
}

async function startServer(): Promise<Daemon> {
  const file = path.join(FOLDER, 'pebble.json');
  const pebble = {
    listenAddress: `${ROUTER}:${PORTS.directory}`,
    managementListenAddress: `${ROUTER}:${PORTS.management}`,
    certificate: CERTIFICATE,
    privateKey: KEY,
    httpPort: 80,
    tlsPort: 443,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  };
  await writeFile(file, JSON.stringify({ pebble }));
  return new Daemon(['pebble', '-config', file, '-dnsserver', `${ROUTER}:${PORTS.dns}`], { PEBBLE_VA_NOSLEEP: '1' });
}

async function readAuthority(): Promise<string> {
  let authority = '';
  const read = async () => {
    authority = await fetch(`https://${HOST}:${PORTS.management}/roots/0`).then(
      (answer) => answer.text(),
      () => '',
    );
    return authority.includes('BEGIN CERTIFICATE');
  };
  await until(read, 'Pebble serves');
  return authority;
}

async function letBrowsersTrust(authority: string, name: string): Promise<void> {
  const file = path.join(FOLDER, `${name}.pem`);
  await writeFile(file, authority);
  await sh(`certutil -d sql:${BROWSER_HOME}/.pki/nssdb -A -t C,, -n ${name} -i ${file}`);
}

async function stopAll(daemons: Daemon[]): Promise<void> {
  await Promise.all(daemons.map((daemon) => daemon.stop()));
}
