/** A Snug in which one thing is wrong, and what `snug doctor` says about it on the same machine. */
import type { Server as NetServer } from 'node:net';
import type { Outcome, Server, Settings } from '../support/server';
import type { ProxySettings } from './caddy';
import { makeMachine } from './internet';
import type { Lab } from './lab';
import type { Machine } from './machine';
import { sh } from './shell';
import { Snug } from './snug';

export const HOST = 'clinic.lab.test';

export interface SetUp {
  settings?: Settings;
  proxy?: ProxySettings;
  /** The command that starts the program, such as one that takes rights away. */
  under?: string[];
  /** Where the name of the Snug leads; by default to its machine. With `null` it leads nowhere. */
  address?: string | null;
  /** Rules of nftables for packets that arrive at the machine, also from itself. */
  blocks?: string[];
  /** Breaks something after the start. */
  after?: (server: Server) => Promise<unknown>;
  /** Whether Snug is stopped before the doctor examines it. */
  isStopped?: boolean;
  /** Settings of the doctor that are not those of the server, and other variables. */
  changes?: NodeJS.ProcessEnv;
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
  private constructor(
    private readonly lab: Lab,
    readonly machine: Machine,
  ) {}

  static async make(lab: Lab): Promise<Clinic> {
    return new Clinic(lab, await makeMachine('clinic', 'servers'));
  }

  /** Starts a Snug behind Caddy, breaks what `setUp` says, lets the doctor examine it, and ends everything again. */
  async examine(setUp: SetUp = {}): Promise<Diagnosis> {
    const { lab, machine } = this;
    const { settings = {}, proxy, under, address = machine.address, blocks = [], after, isStopped, changes } = setUp;
    if (address === null) lab.names.remove(HOST);
    else lab.names.set(HOST, address);
    const snug = await Snug.start(machine, HOST, lab.mail, settings, { proxy, under });
    try {
      await this.block(blocks);
      await after?.(snug.server);
      return understand(await outcomeOf(snug.server, isStopped, changes));
    } finally {
      await this.block([]);
      await snug.stop();
    }
  }

  /** Replaces all rules of the machine. */
  private async block(rules: string[]): Promise<void> {
    await sh(`
      ${this.machine.enter.join(' ')} nft -f - <<'rules'
        flush ruleset
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

async function outcomeOf(server: Server, isStopped = false, changes: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  if (!isStopped) return server.command(['doctor'], changes);
  let outcome: Outcome | undefined;
  await server.restart('SIGTERM', async () => {
    outcome = await server.command(['doctor'], changes);
  });
  return outcome!;
}

/** A line begins with a mark and the name of the check. */
function understand({ status, output, errors }: Outcome): Diagnosis {
  const [first] = output.split('\n');
  const [, mark, check, message] = first.match(/^(\w+)\s+(\w+):?\s+(.*)$/) ?? [];
  if (!message) throw new Error(`not a finding: ${first}\n${output}\n${errors}`);
  return { mark, check, message, status, output };
}

export function closeServer(server: NetServer): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
