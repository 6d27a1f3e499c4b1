/** What happens to the microphone and the loudspeaker without the person: phone calls, keys of a headset, unplugged devices. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import { hears } from '../support/hearing';
import { arriveAsSpeaker, speakerAndListener, speaksTo, TONE } from '../support/speaker_and_listener';
import { own } from '../support/words';

/** What `takeMicrophones` keeps in the page. */
interface Microphones {
  tracks: MediaStreamTrack[];
  /** The reason of the next refusal, or nothing. */
  refusal?: string;
}

/** From the next page on, keeps the tracks of the microphones that the page opens, and gives them names. */
async function takeMicrophones(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const kept: { tracks: MediaStreamTrack[]; refusal?: string } = { tracks: [] };
    Object.assign(window, { microphones: kept });
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (options) => {
      if (kept.refusal) throw new DOMException('', kept.refusal);
      const stream = await ask(options);
      const [track] = stream.getAudioTracks();
      const name = kept.tracks.length === 0 ? 'Headset' : 'Built-in microphone';
      Object.defineProperty(track, 'label', { value: name });
      kept.tracks.push(track);
      return stream;
    };
  });
}

/** The newest microphone is gone, as after its plug was pulled. */
function unplug(page: Page, refusal?: string): Promise<void> {
  return page.evaluate((refusal) => {
    const { microphones } = window as unknown as { microphones: Microphones };
    microphones.refusal = refusal;
    const track = microphones.tracks.at(-1)!;
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }, refusal);
}

/** The system takes the newest microphone, as for a phone call, or gives it back. */
function systemMutes(page: Page, isMuted: boolean): Promise<void> {
  return page.evaluate((isMuted) => {
    const { microphones } = window as unknown as { microphones: Microphones };
    const track = microphones.tracks.at(-1)!;
    Object.defineProperty(track, 'muted', { value: isMuted, configurable: true });
    track.dispatchEvent(new Event(isMuted ? 'mute' : 'unmute'));
  }, isMuted);
}

test('a microphone that is taken for a phone call, unplugged or forbidden: the room and its person know, and it comes back', async ({
  someone,
  startBrowser,
}) => {
  test.slow();
  const [ada, ben] = await speakerAndListener(someone, startBrowser);
  await takeMicrophones(ada.page);
  await ben.enter(await ada.openRoom(own('Tea')));
  const seesAda = (isMuted: boolean) =>
    expect(ben.participant('Ada')).toHaveAttribute('data-muted', String(isMuted), { timeout: 2_000 });
  await speaksTo(ada, ben);

  await test.step('muted by the system', async () => {
    await systemMutes(ada.page, true);
    await expect(ada.notice(/has taken the microphone/)).toBeVisible({ timeout: 1_000 });
    await expect(ada.unmuteButton).toBeVisible();
    await expect(ada.participant('Ada')).toHaveAttribute('data-muted', 'true');
    await seesAda(true);
    await systemMutes(ada.page, false);
    await expect(ada.muteButton).toBeVisible({ timeout: 1_000 });
    await expect(ada.notice(/Your microphone is back/)).toBeVisible();
    await expect(ada.notice(/has taken the microphone/)).toHaveCount(0);
    await seesAda(false);
    await hears(ben, [TONE]);
  });

  await test.step('unplugged in mid-sentence', async () => {
    await unplug(ada.page);
    await expect(ada.notice(/Headset is gone\. Snug uses Built-in microphone now\./)).toBeVisible({ timeout: 2_000 });
    await expect(ada.muteButton).toBeVisible();
    await hears(ben, [TONE]);
    await seesAda(false);
  });

  await test.step('the permission is taken away', async () => {
    await unplug(ada.page, 'NotAllowedError');
    await expect(ada.notice(/The browser blocks the microphone/)).toBeVisible({ timeout: 2_000 });
    await expect(ada.unmuteButton).toBeVisible();
    await seesAda(true);
    await ada.page.evaluate(() => delete (window as unknown as { microphones: Microphones }).microphones.refusal);
    await ada.page.getByRole('button', { name: 'Try again' }).click();
    await expect(ada.muteButton).toBeVisible();
    await hears(ben, [TONE]);
  });
});

test('voices that something outside pauses play again by themselves, and after a refusal there is a tap', async ({
  someone,
  startBrowser,
}) => {
  const [ada, ben] = await speakerAndListener(someone, startBrowser);
  await ben.enter(await ada.openRoom(own('Tea')));
  await speaksTo(ada, ben);
  const pauseAll = () => ben.page.evaluate(() => document.querySelectorAll('audio').forEach((sound) => sound.pause()));
  const playing = () => ben.page.evaluate(() => [...document.querySelectorAll('audio')].filter((sound) => !sound.paused).length);
  const tap = ben.page.getByRole('button', { name: 'Tap to hear' });
  await pauseAll();
  await expect.poll(playing, { timeout: 2_000 }).toBe(3);
  await expect(tap).toHaveCount(0);
  await hears(ben, [TONE]);

  await ben.page.evaluate(() => {
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('no gesture', 'NotAllowedError'));
    addEventListener('click', () => (HTMLMediaElement.prototype.play = play), { capture: true, once: true });
  });
  await pauseAll();
  await expect(tap).toBeVisible({ timeout: 2_000 });
  await tap.click();
  await expect(tap).toHaveCount(0);
  await expect.poll(playing).toBe(3);
});

test('a microphone that is too quiet is heard if slots are free, and its person is told', async ({ someone, startBrowser }) => {
  test.slow();
  const [ada, ben] = await speakerAndListener(someone, startBrowser);
  await ada.page.addInitScript(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (options) => {
      const context = new AudioContext();
      const [quiet, out] = [context.createGain(), context.createMediaStreamDestination()];
      // The tone is at about -10 dBov, so this is at about -58.
      quiet.gain.value = 0.004;
      Object.assign(window, { gainOfTest: quiet.gain });
      context.createMediaStreamSource(await ask(options)).connect(quiet).connect(out);
      return out.stream;
    };
  });
  await ben.enter(await ada.openRoom(own('Tea')));
  await ada.unmute();
  await expect(ada.notice(/We hardly hear you/)).toBeVisible({ timeout: 25_000 });
  const received = () =>
    ben.page.evaluate(async () => {
      const kept = (window as unknown as { connectionsOfTest: RTCPeerConnection[] }).connectionsOfTest;
      const reports = [...(await kept.at(-1)!.getStats()).values()];
      return reports.filter(({ type }) => type === 'inbound-rtp').reduce((sum, { packetsReceived }) => sum + packetsReceived, 0);
    });
  await expect.poll(received).toBeGreaterThan(10);

  const setGain = (gain: number) =>
    ada.page.evaluate((gain) => ((window as unknown as { gainOfTest: AudioParam }).gainOfTest.value = gain), gain);
  await setGain(1);
  await expect(ada.notice(/We hardly hear you/)).toHaveCount(0);
  await hears(ben, [TONE]);

  // The wrong microphone, as after a Bluetooth headset has changed its profile: it gives nothing at all.
  await setGain(0);
  await expect(ada.notice(/No sound comes from/)).toBeVisible({ timeout: 10_000 });
  await setGain(1);
  await expect(ada.notice(/No sound comes from/)).toHaveCount(0);
});

test('a page that comes back from the back-forward cache is inside again and hears the room', async ({ someone, startBrowser }) => {
  const ada = await (await someone()).arrive('Ada');
  const ben = await arriveAsSpeaker(someone, startBrowser, 'Ben');
  await ben.enter(await ada.openRoom(own('Tea')));
  await speaksTo(ben, ada);
  const passes = (event: 'pagehide' | 'pageshow') =>
    ada.page.evaluate((event) => window.dispatchEvent(new PageTransitionEvent(event, { persisted: true })), event);
  await passes('pagehide');
  await expect(ben.participant('Ada')).toHaveCount(0);
  await passes('pageshow');
  await expect(ben.participant('Ada')).toBeVisible();
  await ada.isInside();
  await hears(ada, [TONE]);
});

test('the key M is found on a layout without Latin letters, and by its letter on every other', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.openRoom(own('Tea'));
  const press = (key: string, code: string, more: KeyboardEventInit = {}) =>
    ada.page.evaluate(
      (init) => document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })),
      { key, code, ...more },
    );
  // Russian and Greek, and French, where M is beside L.
  for (const [key, code] of [
    ['ь', 'KeyM'],
    ['μ', 'KeyM'],
    ['m', 'Semicolon'],
  ]) {
    await press(key, code);
    await expect(ada.muteButton, `${key} at ${code}`).toBeVisible();
    await press(key, code, { repeat: true });
    await press(key, code, { ctrlKey: true });
    await press(',', 'KeyM');
    await expect(ada.muteButton).toBeVisible();
    await press(key, code);
    await expect(ada.unmuteButton).toBeVisible();
  }
});
