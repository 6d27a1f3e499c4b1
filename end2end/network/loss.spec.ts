/** How much of a voice is missing if the network loses packets at random, and what the repair costs. */
import { figure } from './figures';
import { expect, test } from './lab';
import { received } from './packets';
import { pairUp } from './pair';
import { sleep } from './shell';

const WINDOW_MS = 15_000;
/** The time in which both sides learn of the loss, from the reports of RTCP. */
const SETTLE_MS = 2_000;

test('at 5, 10, 20 and 30 % loss at most 1, 2, 6 and 12 % are concealed, on the leg of the listener and on the leg of the speaker', async ({ lab }) => {
  const { ada, ben } = await pairUp(lab);
  for (const [lost, limit] of [[5, 1], [10, 2], [20, 6], [30, 12]]) {
    // Both talk. Ben's leg loses in both directions: it is the listener's leg for what Ben hears, and the speaker's for what Ada hears.
    await lab.loss(ben, lost, 'to', 'from');
    await sleep(SETTLE_MS);
    const [listener, speaker] = await Promise.all([received(ben.page, WINDOW_MS), received(ada.page, WINDOW_MS)]);
    figure(`${lost} % lost on the listener's leg, concealed`, listener.concealed * 100, '%', limit);
    figure(`${lost} % lost on the speaker's leg, concealed`, speaker.concealed * 100, '%', limit);
    figure(`${lost} % lost on the listener's leg, received`, listener.bytesPerSecond, 'bytes/s');
  }
});

test('a listener whose browser knows RED gets at most 2.5 times the bytes of one whose browser does not, and both hear', async ({ lab }) => {
  const { ben, topic } = await pairUp(lab);
  const cem = await lab.person('Cem', { before: forgetRed });
  await cem.open('/rooms');
  await cem.enterByCard(topic);
  // Only Ada talks from now on, or Cem would get two voices.
  await ben.mute();
  expect(await cem.hearsSteadily(10_000)).toBe(true);
  const [withRed, without] = await Promise.all([ben, cem].map(({ page }) => received(page, 5_000)));
  figure('a listener with RED receives', withRed.bytesPerSecond, 'bytes/s', 2.5 * without.bytesPerSecond);
  figure('a listener without RED receives', without.bytesPerSecond, 'bytes/s');
});

/** Runs in a page: a browser that does not know redundant audio (RFC 2198), as Firefox. */
function forgetRed(): void {
  const others = (codecs: RTCRtpCodec[]) => codecs.filter(({ mimeType }) => mimeType.toLowerCase() !== 'audio/red');
  const prefer = RTCRtpTransceiver.prototype.setCodecPreferences;
  RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
    prefer.call(this, others(codecs));
  };
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (...given) {
    const made = add.apply(this, given);
    made.setCodecPreferences(RTCRtpReceiver.getCapabilities('audio')!.codecs);
    return made;
  };
}
