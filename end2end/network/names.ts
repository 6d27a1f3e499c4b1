/** Names of machines: the hosts file of the lab, which is mounted over the machine's own. All machines and the tests read it. */
import { writeFileSync } from 'node:fs';

const HOSTS = '/etc/hosts';

export class Names {
  private readonly addresses = new Map([['localhost', '127.0.0.1']]);

  /** Gives a name an address, and takes its earlier one away. */
  set(name: string, address: string): void {
    this.addresses.set(name, address);
    this.write();
  }

  remove(name: string): void {
    this.addresses.delete(name);
    this.write();
  }

  private write(): void {
    // The file is written, not replaced: it is a mount point. Chromium asks for a TURN server with a dot after its name.
    writeFileSync(HOSTS, [...this.addresses].map(([name, address]) => `${address} ${name} ${name}.\n`).join(''));
  }
}
