/** A machine of the lab: a network namespace with one cable, which leads to the router or into a network at home. */
import { sh } from './shell';

/** An address of a machine with its prefix length, and the address of the next router. */
export interface Address {
  own: string;
  gateway: string;
}

export class Machine {
  private current = 0;

  private constructor(
    /** The name of the namespace, and of the cable's other end. */
    readonly name: string,
    /** The addresses that the machine can have. It has one at a time, at first the first. */
    private readonly addresses: Address[],
  ) {}

  /** Makes a machine, and runs `attach`, lines of bash, to attach the other end of its cable. The machine gives itself no IPv6 address: it
   *  would have it one or two seconds later, and that change of its addresses would break what a browser is just loading. */
  static async make(name: string, addresses: Address[], attach: string): Promise<Machine> {
    await sh(`
      ip netns add ${name}
      ip -n ${name} link set lo up
      ip link add ${name} type veth peer name eth0 netns ${name}
      [ ! -e /proc/net/if_inet6 ] || ip -n ${name} link set eth0 addrgenmode none
      ip -n ${name} link set eth0 up
      ${attach}
    `);
    const machine = new Machine(name, addresses);
    await machine.plugIn();
    return machine;
  }

  /** The command that runs a program on this machine. */
  get enter(): string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  get address(): string {
    return this.addresses[this.current].own.split('/')[0];
  }

  /** Whether a program on this machine accepts TCP connections on the port of this address. */
  accepts(port: number, address = '127.0.0.1'): Promise<boolean> {
    return sh(`${this.enter.join(' ')} bash -c 'exec 3<>/dev/tcp/${address}/${port}' 2>&1`).then(
      () => true,
      () => false,
    );
  }

  async plugIn(): Promise<void> {
    await this.changeAddress([], this.addresses[this.current]);
  }

  /** Takes the address away. The cable stays. */
  async unplug(): Promise<void> {
    await sh(`ip -n ${this.name} address flush dev eth0 scope global`);
  }

  /** Changes the address at once, as a phone does that goes from Wi-Fi to the mobile network or back. */
  async move(): Promise<void> {
    const before = this.addresses[this.current];
    this.current = (this.current + 1) % this.addresses.length;
    await this.changeAddress([`address del ${before.own} dev eth0`], this.addresses[this.current]);
  }

  /** The local ports of TCP connections to `port` on which something has arrived in the last `withinMs`. */
  async livePorts(port: number, withinMs: number): Promise<number[]> {
    const lines = (await sh(`${this.enter.join(' ')} ss -tinHO state established 'dport = :${port}'`)).split('\n');
    const live = lines.filter((line) => Number(line.match(/lastrcv:(\d+)/)?.[1] ?? 0) <= withinMs);
    return live.flatMap((line) => line.match(/:(\d+)\s+\S+:\d+\s/)?.slice(1, 2) ?? []).map(Number);
  }

  private async changeAddress(before: string[], { own, gateway }: Address): Promise<void> {
    const changes = [...before, `address add ${own} dev eth0`, `route replace default via ${gateway}`];
    await sh(`printf '%s\\n' ${changes.map((change) => `'${change}'`).join(' ')} | ip -n ${this.name} -batch -`);
  }
}
