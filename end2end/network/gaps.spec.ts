/** The microphone after a time without a network or a server, and what the page says meanwhile. */
import { figure } from './figures';
import { expect, test, type Lab } from './lab';
import { pairUp } from './pair';
import type { Person } from './person';
import { sleep } from './shell';

const PATIENCE_MS = 15_000;
const MUTED = /you are muted|your microphone is off/i;
/** What the page says while it is not inside. */
const TROUBLE = /Nobody hears you|Connection lost|Reconnecting|restarting|isn't answering|Trying again|One moment/i;
const TOO_MUCH = /sends more than a voice needs/i;

/** Takes the whole network away for a time. Returns when it came back, by the clock of the first person's page. */
async function loseNetwork(lab: Lab, forMs: number, ...people: Person[]): Promise<number> {
  await lab.blockAll(...people);
  await sleep(forMs);
  await lab.unblock(...people);
  return people[0].now();
}

test('after 12 s without a network, microphones in front and in a hidden page are as they were', async ({ lab }) => {
  const { ada, ben } = await pairUp(lab);
  await ben.hide();
  const began = await ada.now();
  const back = await loseNetwork(lab, 12_000, ada, ben);
  await Promise.all([ada, ben].map((one) => one.hearsSteadily(PATIENCE_MS)));
  for (const one of [ada, ben]) {
    figure(`12 s without a network: ${one.name} hears again after`, (await one.firstSteadySound(back)) / 1_000, 's', 8);
    expect.soft(await one.said(MUTED, began), `${one.name} is not muted`).toEqual([]);
    expect.soft(await one.said(TOO_MUCH, began)).toEqual([]);
    await expect.soft(one.muteButton).toBeVisible();
  }
});

test('after 18 s without a network, and on a page that was loaded again, you are muted, told so, and on your microphone\'s button', async ({ lab }) => {
  const { ada, ben } = await pairUp(lab);
  await loseNetwork(lab, 18_000, ada);
  const isToldAndMuted = async () => {
    await expect(ada.unmuteButton).toBeVisible({ timeout: PATIENCE_MS });
    await expect(ada.notice(MUTED)).toBeVisible({ timeout: PATIENCE_MS });
    await expect(ada.unmuteButton).toBeFocused();
    await expect(ben.participant('Ada')).toHaveAttribute('data-muted', 'true', { timeout: PATIENCE_MS });
  };
  await isToldAndMuted();
  await ada.unmute();
  expect(await ben.hearsSteadily(PATIENCE_MS), 'one press is enough').toBe(true);

  await ada.reload();
  await isToldAndMuted();
});

test('a host who mutes somebody during a gap mutes them for the time after it', async ({ lab }) => {
  const { ada, ben } = await pairUp(lab);
  await lab.blockAll(ben);
  await ada.about('Ben', 'Mute for everyone');
  await sleep(3_000);
  await lab.unblock(ben);
  await expect(ben.part(/mute/i)).toBeVisible({ timeout: PATIENCE_MS });
  expect(await ben.hearsSteadily(PATIENCE_MS), 'Ben is back').toBe(true);
  const since = await ada.now();
  expect(await ada.firstSound(since, 1_500), 'nobody hears Ben').toBe(Infinity);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`after a restart of the server (${signal}) everybody is inside within 2 s, with their microphones as they were`, async ({ lab }) => {
    const { ada, ben } = await pairUp(lab);
    const { server } = await lab.server();
    const began = await ada.now();
    await server.restart(signal);
    const ready = await ada.now();
    const steady = await Promise.all([ada, ben].map((one) => one.hearsSteadily(PATIENCE_MS)));
    expect.soft(steady, 'both hear').toEqual([true, true]);
    for (const one of [ada, ben]) {
      const trouble = (await one.said(TROUBLE, began)).at(-1)?.to ?? ready;
      figure(`restart (${signal}): ${one.name} is inside again after`, Math.max(0, trouble - ready) / 1_000, 's', 2);
      figure(`restart (${signal}): ${one.name} hears again after`, (await one.firstSteadySound(ready)) / 1_000, 's');
      expect.soft(await one.said(MUTED, began), `${one.name} is not muted`).toEqual([]);
      await expect.soft(one.muteButton).toBeVisible();
    }
  });
}

for (const { direction, what } of [
  { direction: 'from', what: 'nothing of you arrives' },
  { direction: 'to', what: 'nothing reaches you' },
] as const) {
  test(`while ${what}, the page says within 2 s that nobody hears you, and its lamps go out`, async ({ lab }) => {
    const { ada, ben } = await pairUp(lab);
    await expect(ada.participant('Ben')).toHaveAttribute('data-speaking', 'true', { timeout: PATIENCE_MS });
    const since = await ada.now();
    // The socket goes on: the page must see by itself that the voice does not.
    await lab.router.passOnly(ada.machine, 443, [direction]);
    figure(`${what}: said after`, (await ada.firstSaid(/Nobody hears you/i, since, PATIENCE_MS)) / 1_000, 's', 2);
    await expect.soft(ada.participant('Ada'), 'her own lamp').toHaveAttribute('data-speaking', 'false', { timeout: 2_000 });
    if (direction === 'to') {
      await expect.soft(ada.participant('Ben'), "Ben's lamp").toHaveAttribute('data-speaking', 'false', { timeout: 2_000 });
    }
    expect.soft(await ada.said(/Everyone (may|can) talk here|Nobody is talking/i, since + 2_000)).toEqual([]);

    await lab.unblock(ada);
    expect.soft(await ben.hearsSteadily(PATIENCE_MS), 'the voice is back').toBe(true);
    await expect.soft(ada.notice(/Nobody hears you/i)).toBeHidden();
    expect.soft(await ada.said(TOO_MUCH, since)).toEqual([]);
  });
}
