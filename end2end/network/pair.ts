/** Two people in one room who talk and hear each other. */
import { own } from '../support/words';
import { expect, type Lab } from './lab';
import type { Person } from './person';
import type { Snug } from './snug';

const HEARD_WITHIN_MS = 15_000;
/** How long people wait for the first sound after Join. */
const FIRST_SOUND_WITHIN_MS = 12_000;

export interface Pair {
  /** The host. */
  ada: Person;
  ben: Person;
  /** The topic of their room. */
  topic: string;
}

interface PairOptions {
  on?: Snug;
  /** What happens to their networks before they enter the room. */
  before?: (people: Person[]) => Promise<unknown>;
}

export async function pairUp(lab: Lab, { on, before }: PairOptions = {}): Promise<Pair> {
  const [ada, ben] = await Promise.all([lab.person('Ada', { on }), lab.person('Ben', { on })]);
  await before?.([ada, ben]);
  return { ada, ben, topic: await talk(ada, ben) };
}

/** The first person opens a room, and the second comes in. Both unmute, and hear each other. Returns the topic. */
export async function talk(host: Person, other: Person): Promise<string> {
  const topic = own('Tea');
  await host.openRoom(topic);
  await other.open('/rooms');
  await other.enterByCard(topic);
  await Promise.all([host.unmute(), other.unmute()]);
  const heard = await Promise.all([host, other].map((one) => one.hearsSteadily(HEARD_WITHIN_MS)));
  expect(heard, `${host.name} and ${other.name} hear each other`).toEqual([true, true]);
  return topic;
}

/** The first person opens a room and talks, and the second joins it. Returns after how many milliseconds from Join on each of them hears the
 *  other. */
export async function hearAfterJoin(host: Person, other: Person): Promise<{ host: number; other: number }> {
  const topic = own('Tea');
  await host.openRoom(topic);
  await host.unmute();
  await other.open('/rooms');
  await other.lookInto(topic);

  const joined = await other.press('Join');
  const unmuted = other.unmute();
  const [otherHears, hostHears] = await Promise.all([other, host].map((one) => one.firstSound(joined, FIRST_SOUND_WITHIN_MS)));
  await unmuted;
  return { host: hostHears, other: otherHears };
}
