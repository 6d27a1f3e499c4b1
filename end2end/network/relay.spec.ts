/** Voices through a TURN server, from networks that let only TLS on port 443 pass. */
import { expect, test } from './lab';
import { pairUp } from './pair';
import type { Person } from './person';
import { RELAY_SECRET, startRelay, type Relay } from './relay';

/** How long a browser may look for a relay after the page was loaded again. */
const RELAYED_WITHIN_MS = 20_000;

let relay: Relay;

test.beforeAll(async ({ lab }) => {
  relay = await startRelay(lab);
});

test.afterAll(() => relay?.stop());

test('where only TLS on port 443 passes, two people hear each other over the TURN server, and no other way is ever named', async ({ lab }) => {
  const on = await lab.server('relayed', { SNUG_VOICE_TURN_URLS: relay.url, SNUG_VOICE_TURN_SECRET: RELAY_SECRET });
  const { ada, ben } = await pairUp(lab, { on, before: (people) => lab.passOnlyWeb(...people) });
  for (const one of [ada, ben]) await one.uses('relay tls');

  // Ben's sheet is open while his page connects again, and Ada, the host, looks at him as soon as he is back.
  await ben.reload();
  await ben.isInside();
  await ben.openSound();
  await ada.more('Ben').click();
  await ada.page.getByRole('dialog', { name: 'Ben' }).getByRole('heading', { name: 'Connection' }).click();
  for (const one of [ada, ben]) {
    await expect(namedWay(one)).toHaveText('through a relay', { timeout: RELAYED_WITHIN_MS });
    expect.soft(await one.said(/^(UDP|TCP)$/, 0), `what ${one.name} has read`).toEqual([]);
  }
});

function namedWay({ page }: Person) {
  return page.locator('[data-fact="way"]:visible');
}
