/** Addresses that change: of people in mid-sentence, and of servers, which tell people where they take voices. */
import { atHome } from './at_home';
import { figure } from './figures';
import { Home } from './home';
import { expect, test } from './lab';
import { makeMachine } from './internet';
import { pairUp, talk, type Pair } from './pair';
import { VOICE_PORT } from './snug';

const CHANGES = 20;
const REBINDS = 3;
const LIMIT_MS = 3_000;
/** Of 20 changes, one may take longer than the 95th percentile. */
const SLOWER_MAX = 1;
const PATIENCE_MS = 25_000;

/** The silences that changes have made, in milliseconds: for the one who moved, and for the other. */
interface Silences {
  to: number[];
  from: number[];
}

// Another file needs this server a minute later.
test.beforeAll(({ lab }) => {
  // The tests that need it tell what went wrong.
  return atHome(lab).then(
    () => {},
    () => {},
  );
});

test('an address that the machine gets after the start is offered to the next person who joins', async ({ lab }) => {
  const machine = await makeMachine('late', 'servers');
  lab.names.set('late.lab.test', machine.address);
  await machine.unplug();
  const on = await lab.server('late', {}, machine);
  await machine.plugIn();
  const [ada, ben] = await Promise.all([lab.person('Ada', { on }), lab.person('Ben', { on })]);
  await talk(ada, ben);
});

test('the start prints where voices are expected, and warns if all addresses are private and the public URL is not this machine', async ({ lab }) => {
  const { home } = await atHome(lab);
  const machine = await home.makeMachine('shed');
  const { server } = await lab.server('shed', {}, machine);
  await expect.poll(() => server.log).toMatch(/only private addresses/);
  expect(server.log).toMatch(new RegExp(`are expected on UDP ${VOICE_PORT} and TCP ${VOICE_PORT} at .*${machine.address.replaceAll('.', '\\.')}`));
});

test('after a change of the address both directions sound again within 3 s (p95 of 20), and the microphone is as it was', async ({ lab }) => {
  test.setTimeout(180_000);
  const silences: Silences = { to: [], from: [] };
  const pairs = await Promise.all([pairUp(lab), pairUp(lab, { names: ['Cem', 'Dee'] })]);
  await Promise.all(pairs.map((pair) => changeAgainAndAgain(pair, () => lab.moveAddress(pair.ada), CHANGES / pairs.length, silences)));
  expect.soft(silences.to.length, 'changes until the limit could not be kept any more').toBe(CHANGES);
  figure('address changed: silence for the one who moves, p95', percentile95(silences.to) / 1_000, 's', LIMIT_MS / 1_000);
  figure('address changed: silence for the other, p95', percentile95(silences.from) / 1_000, 's', LIMIT_MS / 1_000);
});

test('behind a router that gets another address (NAT rebind), both directions sound again within 3 s (median of 3), and the microphone is as it was', async ({ lab }) => {
  const cafe = await Home.make('cafe', ['wifi', 'mobile']);
  const [ada, ben] = await Promise.all([lab.person('Fay', { at: cafe }), lab.person('Ben')]);
  const silences: Silences = { to: [], from: [] };
  await talk(ada, ben);
  await changeAgainAndAgain({ ada, ben }, () => cafe.move(), REBINDS, silences);
  expect.soft(silences.to.length, 'changes until the limit could not be kept any more').toBe(REBINDS);
  figure('NAT rebind: silence for the one behind the router, median', median(silences.to) / 1_000, 's', LIMIT_MS / 1_000);
  figure('NAT rebind: silence for the other, median', median(silences.from) / 1_000, 's', LIMIT_MS / 1_000);
});

/** Changes the address of the first person of the pair again and again, until the limit can't be kept any more, and notes the silences of
 *  both. */
async function changeAgainAndAgain(
  { ada: mover, ben: other }: Pick<Pair, 'ada' | 'ben'>,
  change: () => Promise<void>,
  changes: number,
  silences: Silences,
): Promise<void> {
  const began = await mover.now();
  const slower = (all: number[]) => all.filter((silence) => silence > LIMIT_MS).length;
  for (let round = 0; round < changes; round++) {
    const since = await mover.now();
    await change();
    const back = await Promise.all([mover, other].map((one) => one.hearsSteadily(PATIENCE_MS)));
    silences.to.push(await mover.longestSilence(since));
    silences.from.push(await other.longestSilence(since));
    console.log(`    ${mover.name} moved: ${silences.to.at(-1)?.toFixed(0)} ms and ${silences.from.at(-1)?.toFixed(0)} ms`);
    if (back.includes(false) || slower(silences.to) > SLOWER_MAX || slower(silences.from) > SLOWER_MAX) break;
  }
  expect.soft(await mover.said(/you are muted|your microphone is off|sends more than a voice needs/i, began)).toEqual([]);
  await expect.soft(mover.muteButton).toBeVisible();
  await expect.soft(other.participant(mover.name)).toHaveAttribute('data-muted', 'false');
}

function median(values: number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
}

/** Of fewer values than 20, the largest. */
function percentile95(values: number[]): number {
  return [...values].sort((one, other) => one - other)[Math.ceil(values.length * 0.95) - 1];
}
