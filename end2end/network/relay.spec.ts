/** Voices through a TURN server, from networks that let only TLS on port 443 pass. */
import { expect, test } from './lab';
import { wayOf } from './packets';
import { pairUp } from './pair';
import { RELAY_SECRET, startRelay, type Relay } from './relay';

let relay: Relay;

test.beforeAll(async ({ lab }) => {
  relay = await startRelay(lab);
});

test.afterAll(() => relay?.stop());

test('where only TLS on port 443 passes, two people hear each other over the TURN server', async ({ lab }) => {
  const on = await lab.server('relayed', { SNUG_VOICE_TURN_URLS: relay.url, SNUG_VOICE_TURN_SECRET: RELAY_SECRET });
  const { ada, ben } = await pairUp(lab, { on, before: (people) => lab.passOnlyWeb(...people) });
  // A browser may name another way at first, because it chooses one before it has checked it.
  await expect.poll(async () => [await wayOf(ada.page), await wayOf(ben.page)], { timeout: 10_000 }).toEqual(['relay tls', 'relay tls']);
});
