/** Voices where a packet filter drops UDP: over TCP on the same port, and back over UDP as soon as it passes. */
import { figure } from './figures';
import { expect, test } from './lab';
import { wayOf } from './packets';
import { hearAfterJoin, pairUp } from './pair';

const PATIENCE_MS = 12_000;

test('with UDP blocked from the start, two people hear each other within 6 s of Join', async ({ lab }) => {
  const [ada, ben] = [await lab.person('Ada'), await lab.person('Ben')];
  await lab.blockUdp(ada, ben);
  const after = await hearAfterJoin(ada, ben);
  figure('UDP blocked from the start: sound after Join, for the one who joins', after.other / 1_000, 's', 6);
  figure('UDP blocked from the start: sound after Join, for the other', after.host / 1_000, 's', 6);
  expect([await wayOf(ada.page), await wayOf(ben.page)]).toEqual(['tcp', 'tcp']);
});

test('with UDP blocked in mid-call, sound is back within 8 s, and uses UDP again after the next change of address', async ({ lab }) => {
  const { ada, ben } = await pairUp(lab);
  expect(await wayOf(ada.page)).toBe('udp');
  const since = await ada.now();
  await lab.blockUdp(ada);
  await Promise.all([ada, ben].map((one) => one.hearsSteadily(PATIENCE_MS)));
  figure('UDP blocked in mid-call: silence for the one whose UDP is blocked', (await ada.longestSilence(since)) / 1_000, 's', 8);
  figure('UDP blocked in mid-call: silence for the other', (await ben.longestSilence(since)) / 1_000, 's', 8);
  expect(await wayOf(ada.page)).toBe('tcp');
  await expect(ada.muteButton, 'the microphone is as it was').toBeVisible();

  await lab.unblock(ada);
  await lab.moveAddress(ada);
  await expect.poll(() => wayOf(ada.page), { timeout: PATIENCE_MS }).toBe('udp');
});
