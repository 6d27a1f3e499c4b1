/** Machines whose cables lead to the router, which is the namespace of the test itself. */
import { Machine, type Address } from './machine';
import { sh } from './shell';

/** The networks of RFC 5737, which lead nowhere. Each machine has its own /29 in each, so that all packets go through the router. */
const NETWORKS = { servers: '203.0.113', wifi: '198.51.100', mobile: '192.0.2' } as const;
/** The /29s of a /24, without the first. In this one, the router has its own address. */
const MACHINES_MAX = 31;

type Network = keyof typeof NETWORKS;

/** An address of the router that every machine reaches. */
export const ROUTER = `${NETWORKS.servers}.1`;

let made = 0;

/** Makes this namespace the router. An earlier worker of Playwright may have left machines behind, which end a moment
 *  after their names. */
export async function startRouter(): Promise<void> {
  await sh(`
    ip -all netns delete
    for cable in $(ip -o link show type veth | sed -E 's/^[0-9]+: ([^@:]+).*/\\1/'); do ip link delete $cable || true; done
    ip link set lo up
    ip address replace ${ROUTER}/32 dev lo
    echo 1 > /proc/sys/net/ipv4/ip_forward
  `);
}

/** Makes a machine with addresses in these networks. It has the first one at first. */
export async function makeMachine(name: string, ...networks: Network[]): Promise<Machine> {
  made += 1;
  if (made > MACHINES_MAX) throw new Error(`no more than ${MACHINES_MAX} machines`);
  const addresses = networks.map((network) => addressIn(network, made));
  const attach = [`ip link set ${name} up`, ...addresses.map(({ gateway }) => `ip address add ${gateway}/29 dev ${name}`)];
  return Machine.make(name, addresses, attach.join('\n'));
}

function addressIn(network: Network, machine: number): Address {
  const first = 8 * machine;
  return { own: `${NETWORKS[network]}.${first + 2}/29`, gateway: `${NETWORKS[network]}.${first + 1}` };
}
