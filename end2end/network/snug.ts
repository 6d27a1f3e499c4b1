/** A Snug on a machine of the lab, as on a real server: behind Caddy, or on port 443 itself if it has a certificate. */
import { Server, type Settings } from '../support/server';
import { startCaddy } from './caddy';
import { CERTIFICATE, KEY } from './certificate';
import type { MailServer } from './mail_server';
import type { Machine } from './machine';
import type { Daemon } from './shell';

const PORT = 3000;
export const VOICE_PORT = 3478;
/** The settings of a Snug that ends TLS itself. */
export const OWN_TLS: Settings = { SNUG_PUBLIC_TLS_CERT: CERTIFICATE, SNUG_PUBLIC_TLS_KEY: KEY };
const ANSWERS_WITHIN_MS = 1_000;

/** How a Snug is started otherwise than on a usual server. */
export interface SnugOptions {
  /** The command that starts the program, such as one that passes it sockets. */
  under?: string[];
}

export class Snug {
  private constructor(
    readonly server: Server,
    readonly machine: Machine,
    /** `undefined` if Snug ends TLS itself. */
    private readonly caddy?: Daemon,
  ) {}

  static async start(machine: Machine, host: string, mail: MailServer, settings: Settings, options: SnugOptions = {}): Promise<Snug> {
    const url = `https://${host}`;
    const endsTls = 'SNUG_PUBLIC_TLS_CERT' in settings;
    const entrance = endsTls
      ? // Somebody else may have the socket, so that it accepts connections says nothing about Snug.
        { address: '0.0.0.0', port: 443, isUp: () => answers(`${url}/healthz`) }
      : { address: '127.0.0.1', port: PORT, isUp: () => machine.accepts(PORT) };
    const behindProxy: Settings = endsTls ? {} : { SNUG_PUBLIC_PROXIES: '127.0.0.1' };
    const server = await Server.start(
      {
        ...behindProxy,
        SNUG_MAIL_BACKEND: 'smtp',
        SNUG_MAIL_SMTP_URL: mail.url,
        SNUG_VOICE_UDP_PORT: String(VOICE_PORT),
        SNUG_LIMITS_ENFORCED: 'true',
        // All people sign up from the address of the test.
        SNUG_LIMITS_CODES_PER_HOUR_IP: '10000',
        ...settings,
      },
      { ...entrance, enter: [...machine.enter, ...(options.under ?? [])], url, outbox: mail.folder },
    );
    return new Snug(server, machine, endsTls ? undefined : await startCaddy(machine, host, PORT));
  }

  async stop(): Promise<void> {
    await this.caddy?.stop();
    await this.server.stop();
  }
}

async function answers(address: string): Promise<boolean> {
  return fetch(address, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) }).then(
    (response) => response.ok,
    () => false,
  );
}
