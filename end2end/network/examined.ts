/** A Snug in which one thing is wrong, and what `snug doctor` says about it on the same machine. */
import type { Outcome, Settings } from '../support/server';
import { AUTHORITY } from './certificate';
import type { Lab } from './lab';
import type { Machine } from './machine';
import { sh } from './shell';
import { Snug, type SnugOptions } from './snug';

/** Everything that is not said here is as on a server on which nothing is wrong. */
export interface SetUp extends SnugOptions {
  settings?: Settings;
  /** Where the name of the Snug leads; by default to its machine. With `null` it leads nowhere. */
  address?: string | null;
  /** Breaks something while Snug runs. */
  after?: (snug: Snug) => Promise<unknown>;
  /** Rules of nftables for packets that arrive at the machine, also from itself. */
  blocks?: string[];
  /** Whether Snug is stopped before the doctor examines it. */
  isStopped?: boolean;
  /** Settings of the doctor that are not those of the server. */
  changes?: NodeJS.ProcessEnv;
  /** The command that starts only the doctor. */
  doctorUnder?: string[];
}

/** What the doctor said: its first line in parts, and all of it. */
export interface Diagnosis {
  mark: string;
  check: string;
  message: string;
  status: number | null;
  output: string;
}

export class Clinic {
  /** The machine is at `host` if a set-up says nothing else. */
  constructor(
    private readonly lab: Lab,
    readonly machine: Machine,
    private readonly host: string,
  ) {}

  /** Starts a Snug with what is wrong, lets the doctor examine it, and ends everything again. */
  async examine(setUp: SetUp = {}): Promise<Diagnosis> {
    const { lab, machine, host } = this;
    const { settings = {}, address = machine.address, after, blocks = [] } = setUp;
    const { names, mail } = lab;
    if (address === null) names.remove(host);
    else names.set(host, address);
    // Plain letters to a mail server elsewhere would be a warning.
    const url = `${mail.url}?tls=opportunistic`;
    const snug = await Snug.start(machine, host, mail, { SNUG_MAIL_SMTP_URL: url, ...settings }, setUp);
    try {
      await after?.(snug);
      await this.block(blocks);
      return understand(await outcomeOf(snug, setUp));
    } finally {
      await this.block([]);
      await snug.stop();
    }
  }

  /** Replaces all rules of the machine. */
  private async block(rules: string[]): Promise<void> {
    await sh(`
      ${this.machine.enter.join(' ')} nft -f - <<'rules'
        table inet faults
        delete table inet faults
        table inet faults {
          chain arriving {
            type filter hook input priority 0
            ${rules.join('\n')}
          }
        }
rules
    `);
  }
}

async function outcomeOf({ server }: Snug, { isStopped, changes, doctorUnder }: SetUp): Promise<Outcome> {
  const ask = () => server.command(['doctor'], { SSL_CERT_FILE: AUTHORITY, ...changes }, doctorUnder);
  if (!isStopped) return ask();
  let outcome: Outcome | undefined;
  await server.restart('SIGTERM', async () => {
    outcome = await ask();
  });
  return outcome!;
}

/** A line begins with a mark and the name of the check. */
function understand({ status, output, errors }: Outcome): Diagnosis {
  const [, mark, check, message] = output.split('\n')[0].match(/^(\w+) +(\w+): (.+)$/) ?? [];
  if (!message) throw new Error(`the first line is no finding:\n${output}\n${errors}`);
  return { mark, check, message, status, output };
}
