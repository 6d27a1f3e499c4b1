/** A Snug on a machine of the lab, as on a real server: behind Caddy, or on port 443 itself if it has a certificate. */
import { Server, type Settings } from '../support/server';
import { startCaddy, type ProxySettings } from './caddy';
import { CERTIFICATE, KEY } from './certificate';
import type { MailServer } from './mail_server';
import type { Machine } from './machine';
import type { Daemon } from './shell';

const PORT = 3000;
const HTTPS = 443;
export const VOICE_PORT = 3478;
/** The settings of a Snug that ends TLS itself. Start it with `proxy: null`. */
export const OWN_TLS: Settings = { SNUG_PUBLIC_TLS_CERT: CERTIFICATE, SNUG_PUBLIC_TLS_KEY: KEY };
const ANSWERS_WITHIN_MS = 1_000;

/** How a Snug is started otherwise than on a usual server. */
export interface SnugOptions {
  /** What its proxy does. With `null` there is none, and the program itself listens at port 443 of all addresses. */
  proxy?: ProxySettings | null;
  /** The command that starts the program, such as one that takes rights away or passes it sockets. */
  under?: string[];
  /** Whether something else than the program has its sockets: then only an answer shows that it runs. */
  socketsAreHeld?: boolean;
}

export class Snug {
  private constructor(
    readonly server: Server,
    readonly machine: Machine,
    /** `undefined` if Snug ends TLS itself. */
    private readonly caddy?: Daemon,
  ) {}

  static async start(machine: Machine, host: string, mail: MailServer, settings: Settings, options: SnugOptions = {}): Promise<Snug> {
    const { proxy, under = [], socketsAreHeld = false } = options;
    const url = `https://${host}`;
    const port = proxy === null ? HTTPS : PORT;
    const place = {
      enter: [...machine.enter, ...under],
      url,
      address: proxy === null ? '0.0.0.0' : '127.0.0.1',
      port,
      outbox: mail.folder,
      isUp: () => (socketsAreHeld ? answers(`${url}/healthz`) : machine.accepts(port)),
    };
    const proxies: Settings = proxy === null ? {} : { SNUG_PUBLIC_PROXIES: '127.0.0.1' };
    const server = await Server.start({ ...proxies, ...commonSettings(mail), ...settings }, place);
    if (proxy === null) return new Snug(server, machine);
    const caddy = await startCaddy(machine, host, PORT, proxy).catch(async (reason) => {
      await server.stop();
      throw reason;
    });
    return new Snug(server, machine, caddy);
  }

  /** The proxy ends, and the Snug goes on. */
  async stopProxy(): Promise<void> {
    await this.caddy?.stop();
  }

  async stop(): Promise<void> {
    await this.caddy?.stop();
    await this.server.stop();
  }
}

function commonSettings(mail: MailServer): Settings {
  return {
    SNUG_MAIL_BACKEND: 'smtp',
    SNUG_MAIL_SMTP_URL: mail.url,
    SNUG_VOICE_UDP_PORT: String(VOICE_PORT),
    SNUG_LIMITS_ENFORCED: 'true',
    // All people sign up from the address of the test.
    SNUG_LIMITS_CODES_PER_HOUR_IP: '10000',
  };
}

async function answers(address: string): Promise<boolean> {
  return fetch(address, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) }).then(
    (response) => response.ok,
    () => false,
  );
}
