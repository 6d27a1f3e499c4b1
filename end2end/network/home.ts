/** A network at home: one address outside, private addresses inside, and a router that passes some ports on to the server. */
import { makeMachine } from './internet';
import { Machine } from './machine';
import { sh } from './shell';
import { VOICE_PORT } from './snug';

/** A private network (RFC 1918), because Snug tells such addresses from others. The lab has no way out. */
const INSIDE = '10.23.0';
const ROUTER = `${INSIDE}.1`;
const SERVER = `${INSIDE}.2`;

export class Home {
  private machines = 1;

  private constructor(private readonly router: Machine) {}

  /** The router passes ports on only if packets come from outside, as most routers at home. */
  static async make(name: string): Promise<Home> {
    const router = await makeMachine(name, 'servers');
    const on = router.enter.join(' ');
    await sh(`
      ip -n ${name} link add lan type bridge
      ip -n ${name} address add ${ROUTER}/24 dev lan
      ip -n ${name} link set lan up
      ${on} bash -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
      ${on} nft -f - <<'rules'
        table ip home {
          chain in {
            type nat hook prerouting priority dstnat;
            iifname "eth0" tcp dport { 443, ${VOICE_PORT} } dnat to ${SERVER};
            iifname "eth0" udp dport ${VOICE_PORT} dnat to ${SERVER};
          }
          chain out {
            type nat hook postrouting priority srcnat;
            oifname "eth0" masquerade;
          }
        }
rules
    `);
    return new Home(router);
  }

  /** The address that others reach. */
  get address(): string {
    return this.router.address;
  }

  /** Makes a machine inside. The first is the server, to which the router passes ports on. */
  makeMachine(name: string): Promise<Machine> {
    this.machines += 1;
    const address = { own: `${INSIDE}.${this.machines}/24`, gateway: ROUTER };
    const attach = `
      ip link set ${name} netns ${this.router.name}
      ip -n ${this.router.name} link set ${name} master lan up
    `;
    return Machine.make(name, [address], attach);
  }
}
