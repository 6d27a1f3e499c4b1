/** A Snug on a machine of the lab, with Caddy in front of it, as on a real server. */
import { Server, type Settings } from '../support/server';
import { startCaddy } from './caddy';
import type { MailServer } from './mail_server';
import type { Machine } from './machine';
import type { Daemon } from './shell';

const PORT = 3000;
export const VOICE_PORT = 3478;

export class Snug {
  private constructor(
    readonly server: Server,
    readonly machine: Machine,
    private readonly caddy: Daemon,
  ) {}

  static async start(machine: Machine, host: string, mail: MailServer, settings: Settings): Promise<Snug> {
    const place = {
      enter: machine.enter,
      url: `https://${host}`,
      port: PORT,
      outbox: mail.folder,
      isUp: () => machine.accepts(PORT),
    };
    const server = await Server.start(
      {
        SNUG_PUBLIC_PROXIES: '127.0.0.1',
        SNUG_MAIL_BACKEND: 'smtp',
        SNUG_MAIL_SMTP_URL: mail.url,
        SNUG_VOICE_UDP_PORT: String(VOICE_PORT),
        SNUG_LIMITS_ENFORCED: 'true',
        // All people sign up from the address of the test.
        SNUG_LIMITS_CODES_PER_HOUR_IP: '10000',
        ...settings,
      },
      place,
    );
    return new Snug(server, machine, await startCaddy(machine, host, PORT));
  }

  async stop(): Promise<void> {
    await this.caddy.stop();
    await this.server.stop();
  }
}
