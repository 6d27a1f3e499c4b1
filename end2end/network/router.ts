/** What the router between all machines drops. Each change replaces all rules at once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Machine } from './machine';

/** Seen from the machine: packets to it, or from it. */
export type Direction = 'to' | 'from';
const BOTH: Direction[] = ['to', 'from'];

export class Router {
  /** For each machine, the rules of each fault. */
  private readonly faults = new Map<string, Map<string, string[]>>();

  /** Loses this share of the UDP datagrams at random. 0 loses none. */
  async lose(machine: Machine, percent: number, directions: Direction[]): Promise<void> {
    const drop = `meta l4proto udp numgen random mod 1000 < ${Math.round(percent * 10)} drop`;
    await this.set(machine, 'loss', percent ? directions.map((direction) => `${cable(machine, direction)} ${drop}`) : []);
  }

  async blockUdp(machine: Machine, directions = BOTH): Promise<void> {
    await this.set(machine, 'block', directions.map((direction) => `${cable(machine, direction)} meta l4proto udp drop`));
  }

  async blockAll(machine: Machine): Promise<void> {
    await this.set(machine, 'block', BOTH.map((direction) => `${cable(machine, direction)} drop`));
  }

  /** Lets only TCP to this port pass, in `directions`. In the other direction everything passes. */
  async passOnly(machine: Machine, port: number, directions = BOTH): Promise<void> {
    const end = { to: 'sport', from: 'dport' };
    const rules = directions.flatMap((direction) => [
      `${cable(machine, direction)} meta l4proto != tcp drop`,
      `${cable(machine, direction)} tcp ${end[direction]} != ${port} drop`,
    ]);
    await this.set(machine, 'block', rules);
  }

  /** Drops the packets of TCP connections that exist, without a word to either end. `ports` are those of the machine. */
  async forget(machine: Machine, ports: number[]): Promise<void> {
    const end = { to: 'dport', from: 'sport' };
    const list = `{ ${ports.join(', ')} }`;
    await this.set(machine, 'forget', BOTH.map((direction) => `${cable(machine, direction)} tcp ${end[direction]} ${list} drop`));
  }

  /** Ends the blocks of a machine. */
  async open(machine: Machine): Promise<void> {
    await this.set(machine, 'block', []);
  }

  async clear(): Promise<void> {
    this.faults.clear();
    await this.apply();
  }

  private async set(machine: Machine, fault: string, rules: string[]): Promise<void> {
    const faults = this.faults.get(machine.name) ?? new Map<string, string[]>();
    this.faults.set(machine.name, faults.set(fault, rules));
    await this.apply();
  }

  private async apply(): Promise<void> {
    const rules = [...this.faults.values()].flatMap((faults) => [...faults.values()].flat());
    const nft = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
    nft.stdin.end(`
      table inet lab {
        chain forward {
          type filter hook forward priority 0; policy accept;
        }
      }
      flush chain inet lab forward
      table inet lab {
        chain forward {
          ${rules.join('\n')}
        }
      }
    `);
    const [code] = await once(nft, 'exit');
    if (code !== 0) throw new Error(`nft refused these rules:\n${rules.join('\n')}`);
  }
}

/** Matches the packets on a machine's cable. */
function cable(machine: Machine, direction: Direction): string {
  return direction === 'to' ? `oifname "${machine.name}"` : `iifname "${machine.name}"`;
}
