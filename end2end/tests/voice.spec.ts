/** Voice: people in a room hear each other, even after denied microphones, restarts and other problems. */
import type { Locator } from '@playwright/test';
import jsQR from 'jsqr';
import { expect, test } from '../support/fixtures';
import { hears, isSpeaking } from '../support/hearing';
import { concealedShare, lastHeardAt, noteSound, tonesHeard } from '../support/sound';
import { SERVER_AWAY } from '../support/troubles';
import type { Visitor } from '../support/visitor';
import { own } from '../support/words';

/** The frequencies of the test tones, in Hz. */
const [LOW, MIDDLE, HIGH] = [440, 700, 1100];

test('two people hear each other, and a third who comes later hears both', async ({ someone, startBrowser }) => {
  test.slow();
  const ada = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const ben = await (await someone({ in: await startBrowser({ tone: HIGH }) })).arrive('Ben');
  const topic = own('Tea');
  const room = await ada.openRoom(topic);
  await ben.enter(room);
  await expect(ada.participant('Ben')).toHaveAttribute('data-muted', 'true');
  await ada.unmute();
  await ben.unmute();

  await hears(ada, [HIGH]);
  await hears(ben, [LOW]);
  await expect(ada.participant('Ben')).toHaveAttribute('data-muted', 'false');
  await isSpeaking(ada, 'Ben');
  await isSpeaking(ada, 'Ada');
  await isSpeaking(ben, 'Ada');
  await expect.poll(() => ben.page.title(), { timeout: 10_000 }).toContain('Ada');
  expect(await ben.page.title()).toContain(topic);

  const cem = await (await someone()).arrive('Cem');
  await cem.open('/rooms');
  await expect(cem.card(topic).locator('.face[data-speaking]').first()).toBeVisible({ timeout: 10_000 });
  await cem.open(room);
  await isSpeaking(cem, 'Ada');
  await cem.join();
  await hears(cem, [LOW, HIGH]);

  await ben.mute();
  await expect(cem.participant('Ben')).toHaveAttribute('data-muted', 'true');
  await isSpeaking(cem, 'Ben', false);
  await hears(cem, [LOW]);
});

test('muting stops the voice within 300 ms', async ({ someone, startBrowser }) => {
  const ada = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const ben = await (await someone()).arrive('Ben');
  await ben.enter(await ada.openRoom(own('Tea')));
  await ada.unmute();
  await hears(ben, [LOW]);
  await noteSound(ben.page);
  await expect.poll(() => lastHeardAt(ben.page)).toBeGreaterThan(0);
  for (let round = 0; round < 3; round++) {
    const mutedAt = await ada.page.evaluate(() => {
      document.querySelector<HTMLButtonElement>('[data-mic]')!.click();
      return Date.now();
    });
    await expect(ada.unmuteButton).toBeVisible();
    await expect(ben.participant('Ada')).toHaveAttribute('data-muted', 'true');
    // Wait until Ben has heard nothing for longer than any pause in the test tone.
    await expect.poll(async () => Date.now() - (await lastHeardAt(ben.page)), { timeout: 5_000 }).toBeGreaterThan(1_000);
    const late = (await lastHeardAt(ben.page)) - mutedAt;
    console.log(`muted: the last sound was heard ${late} ms after the click`);
    expect(late).toBeLessThan(300);
    await ada.unmute();
    await expect.poll(async () => Date.now() - (await lastHeardAt(ben.page)), { timeout: 5_000 }).toBeLessThan(500);
  }
});

test('people who leave are gone at once, and people who close the tab within 5 s, and neither is heard', async ({ someone, startBrowser }) => {
  test.slow();
  const ada = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const ben = await (await someone({ in: await startBrowser({ tone: HIGH }) })).arrive('Ben');
  const cem = await (await someone()).arrive('Cem');
  const room = await ada.openRoom(own('Tea'));
  await ben.enter(room);
  await cem.enter(room);
  await ada.unmute();
  await ben.unmute();
  await hears(cem, [LOW, HIGH]);
  await ada.leave();
  await expect(cem.participant('Ada')).toHaveCount(0, { timeout: 1_000 });
  await hears(cem, [HIGH]);
  await ben.page.close();
  await expect(cem.participant('Ben')).toHaveCount(0, { timeout: 5_000 });
  await hears(cem, []);
});

test('people who deny the microphone can listen, see why they are muted, and can try again', async ({ someone, startBrowser }) => {
  const ada = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const shy = await startBrowser({ args: ['--deny-permission-prompts', '--allow-loopback-in-peer-connection', '--use-fake-device-for-media-stream'] });
  const ben = await (await someone({ in: shy })).arrive('Ben');
  await ben.enter(await ada.openRoom(own('Tea')));
  await ada.unmute();
  await ben.unmuteButton.click();
  await expect(ben.notice(/microphone/i)).toBeVisible();
  await expect(ben.page.locator('.controls .notice'), 'however many people are in the room').toBeInViewport({ ratio: 0.9 });
  await expect(ben.unmuteButton).toBeVisible();
  await hears(ben, [LOW]);
  const again = ben.page.getByRole('button', { name: 'Try again' });
  await expect(again).toBeVisible();
  await ben.context.grantPermissions(['microphone'], { origin: ben.server.url });
  await again.click();
  await expect(ben.muteButton).toBeVisible();
  await expect(ben.notice(/microphone/i)).toHaveCount(0);
});

test('people without a microphone can listen, and are told so', async ({ someone, startBrowser }) => {
  // Without the fake device, a machine without sound hardware has no microphone.
  const bare = await startBrowser({ args: ['--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection'] });
  const ada = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const ben = await (await someone({ in: bare })).arrive('Ben');
  await ben.enter(await ada.openRoom(own('Tea')));
  await ada.unmute();
  const devices = () => ben.page.evaluate(async () => (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === 'audioinput').length);
  test.skip((await devices()) > 0, 'this machine has a microphone');
  await ben.unmuteButton.click();
  await expect(ben.notice(/has no microphone/i)).toBeVisible();
  await expect(ben.unmuteButton).toBeVisible();
  await hears(ben, [LOW]);
});

test('one person in two tabs is one participant, with one open microphone', async ({ someone, startBrowser }) => {
  const ada = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const ben = await (await someone()).arrive('Ben');
  const room = await ada.openRoom(own('Tea'));
  await ben.enter(room);
  const second = await ada.newTab();
  await second.enter(room);
  await expect(ben.participant('Ada')).toHaveCount(1);
  await ada.unmute();
  await hears(ben, [LOW]);
  await second.unmute();
  await expect(ada.unmuteButton).toBeVisible();
  await expect(ada.notice(/another page or device/)).toBeVisible();
  await hears(ben, [LOW]);
  expect(await tonesHeard(second.page)).toEqual([]);
  await second.page.close();
  // The server keeps the place of a lost page for 4 s.
  await expect(ben.participant('Ada')).toHaveAttribute('data-muted', 'true', { timeout: 8_000 });
  await hears(ben, []);
});

test('after a restart of the server, everybody is back in the room by themselves, with the microphone as it was, and a page that is loaded again is muted', async ({ someone, startServer, startBrowser }) => {
  test.slow();
  const server = await startServer();
  const ada = await (await someone({ on: server, in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const ben = await (await someone({ on: server })).arrive('Ben');
  for (const one of [ada, ben]) one.troubles.allow(SERVER_AWAY);
  await ben.enter(await ada.openRoom(own('Tea')));
  await ada.unmute();
  await hears(ben, [LOW]);

  await server.restart('SIGKILL');

  await hears(ben, [LOW]);
  await expect(ada.muteButton).toBeVisible();
  await expect(ben.unmuteButton).toBeVisible();
  for (const one of [ada, ben]) {
    await expect(one.participant('Ada')).toBeVisible({ timeout: 20_000 });
    await expect(one.participant('Ben')).toBeVisible({ timeout: 20_000 });
  }
  await expect(ben.participant('Ada')).toHaveAttribute('data-muted', 'false');
  await expect(ada.notice(/Nobody hears you/)).toHaveCount(0);

  await ada.reload();
  await expect(ada.notice(/loaded again/)).toBeVisible();
  await expect(ada.unmuteButton).toBeFocused();
  await expect(ben.participant('Ada')).toHaveAttribute('data-muted', 'true');
  await hears(ben, []);
  await ada.unmute();
  await hears(ben, [LOW]);
});

test('a socket that a proxy has forgotten is replaced by itself, and the voice goes on', async ({ someone, startBrowser }) => {
  test.slow();
  const ada = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const ben = await (await someone()).arrive('Ben');
  let opened = 0;
  let isForgotten = false;
  await ada.page.routeWebSocket(/\/ws\/rooms\/./, (socket) => {
    const isFirst = opened++ === 0;
    const server = socket.connectToServer();
    socket.onMessage((message) => void ((isFirst && isForgotten) || server.send(message)));
    server.onMessage((message) => void ((isFirst && isForgotten) || socket.send(message)));
  });
  await ada.open('/rooms');
  const room = await ada.openRoom(own('Tea'));
  await ben.enter(room);
  await ada.unmute();
  await hears(ben, [LOW]);
  isForgotten = true;
  await expect.poll(() => opened, { timeout: 10_000 }).toBeGreaterThan(1);
  await hears(ben, [LOW]);
  await ada.mute();
  await expect(ben.participant('Ada')).toHaveAttribute('data-muted', 'true');
});

test('a server that is stopped tells the room that it restarts, and all are back by themselves', async ({ someone, startServer }) => {
  const server = await startServer();
  const ada = await (await someone({ on: server })).arrive('Ada');
  ada.troubles.allow(SERVER_AWAY);
  await ada.openRoom(own('Tea'));
  await ada.unmuteButton.focus();

  await server.restart('SIGTERM', () => expect(ada.notice(/Snug is restarting/)).toBeVisible());

  await expect(ada.unmuteButton).toBeVisible({ timeout: 20_000 });
  await expect(ada.notice(/Snug is restarting/)).toBeHidden();
  await expect(ada.unmuteButton, 'the button that took its place had the focus').toBeFocused();
});

test('with four speakers on three slots, less than 5 % is concealed in the best of three windows of 4 s', async ({ someone, startBrowser }) => {
  test.slow();
  const talkers = await startBrowser({ tone: LOW });
  const ears = await (await someone()).arrive('Ears');
  const room = await ears.openRoom(own('Tea'));
  for (const name of ['Ada', 'Ben', 'Cem', 'Dee']) {
    const talker = await (await someone({ in: talkers })).arrive(name);
    await talker.enter(room);
    await talker.unmute();
  }
  await expect.poll(async () => (await tonesHeard(ears.page)).length, { timeout: 15_000 }).toBe(3);
  const shares: number[] = [];
  for (let window = 0; window < 3; window++) shares.push(await concealedShare(ears.page, 4_000));
  console.log(`concealed: ${shares.map((share) => `${(share * 100).toFixed(2)} %`).join(', ')}`);
  expect(Math.min(...shares)).toBeLessThan(0.05);
});

test('"Hear yourself" plays your own voice for five seconds, and only to you', async ({ someone, startBrowser }) => {
  const ada = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const ben = await (await someone()).arrive('Ben');
  await ben.enter(await ada.openRoom(own('Tea')));
  await ada.openSound();
  await ada.hearYourselfButton.click();
  await expect(ada.notice(/you hear yourself/i)).toBeVisible();
  await hears(ada, [LOW]);
  expect(await tonesHeard(ben.page)).toEqual([]);
  await expect(ada.notice(/you hear yourself/i)).toHaveCount(0, { timeout: 8_000 });
  await hears(ada, []);
  await expect(ada.participant('Ada')).toHaveAttribute('data-muted', 'true');
});

test('if the browser plays nothing before a tap, the page asks for one', async ({ someone, startBrowser }) => {
  const ada = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const ben = await (await someone()).arrive('Ben');
  // Everything that Playwright does on a page counts as a gesture, so the browser's refusal is simulated. Like the refusal of Safari, the
  // simulated one lasts until somebody taps.
  await ben.page.addInitScript(() => {
    const play = HTMLMediaElement.prototype.play;
    let gestures = -1;
    addEventListener('click', () => gestures++, true);
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      if (gestures > 0) return play.call(this);
      this.autoplay = false;
      this.pause();
      return Promise.reject(new DOMException('no gesture', 'NotAllowedError'));
    };
  });
  await ben.open(await ada.openRoom(own('Tea')));
  await ada.unmute();
  await ben.joinButton.click();
  const tap = ben.page.getByRole('button', { name: 'Tap to hear' });
  const playing = () => ben.page.evaluate(() => [...document.querySelectorAll('audio')].filter((sound) => !sound.paused).length);
  await expect(tap).toBeVisible();
  expect(await playing()).toBe(0);
  await tap.click();
  await expect(tap).toHaveCount(0);
  await expect.poll(playing).toBe(3);
  await hears(ben, [LOW]);
});

test('voices go over a network address of this machine as well as over loopback', async ({ someone, startBrowser }) => {
  const args = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
  const ada = await (await someone({ in: await startBrowser({ tone: MIDDLE, args }) })).arrive('Ada');
  const ben = await (await someone({ in: await startBrowser({ args }) })).arrive('Ben');
  await ben.enter(await ada.openRoom(own('Tea')));
  await ada.unmute();
  await hears(ben, [MIDDLE]);
});

test('the call goes on while you visit other pages, and the bar leads back', async ({ someone, startBrowser }) => {
  const ada = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Ada');
  const ben = await (await someone()).arrive('Ben');
  const topic = own('Tea');
  const room = await ada.openRoom(topic);
  await ben.enter(room);
  await ada.unmute();
  await ada.roomsLink.click();
  await ada.isAt('/rooms');
  const toast = ada.page.locator('.toasts').getByText(`You are still in “${topic}”.`);
  await expect(toast).toBeVisible();
  const bar = ada.page.getByRole('complementary', { name: 'Your call' });
  await expect(bar).toContainText(topic);
  await ada.page.setViewportSize({ width: 360, height: 740 });
  const widthOf = async (part: Locator) => (await part.boundingBox())!.width;
  expect(await widthOf(bar.getByText('Leave', { exact: true }))).toBeGreaterThan(30);
  expect(await widthOf(ada.muteButton), 'on a phone the button has only its icon').toBeLessThan(60);
  await hears(ben, [LOW]);
  await ada.mute();
  await expect(ben.participant('Ada')).toHaveAttribute('data-muted', 'true');
  await bar.getByRole('link').click();
  await ada.isAt(room);
  await expect(bar).toHaveCount(0);
  await expect(ada.unmuteButton).toBeVisible();
  await ada.page.evaluate(() => document.querySelectorAll('.toast').forEach((toast) => toast.setAttribute('data-old', '')));
  await ada.roomsLink.click();
  await expect(bar).toBeVisible();
  await expect(ada.page.locator('.toast:not([data-old])'), 'the toast is only for the first time').toHaveCount(0);
  await bar.getByRole('button', { name: 'Leave' }).click();
  await expect(bar).toHaveCount(0);
  await expect(ben.participant('Ada')).toHaveCount(0);
});

test('keys: M mutes and unmutes, holding Space talks, and both can be switched off', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.openRoom(own('Tea'));
  const { keyboard } = ada.page;
  await ada.main.click({ position: { x: 5, y: 5 } });
  await keyboard.press('m');
  await expect(ada.muteButton).toBeVisible();
  await keyboard.press('m');
  await expect(ada.unmuteButton).toBeVisible();

  await keyboard.down('Space');
  await expect(ada.muteButton).toBeVisible();
  await keyboard.up('Space');
  await expect(ada.unmuteButton).toBeVisible();

  // On the microphone button itself, pressing Space clicks it, and holding Space talks.
  await ada.unmuteButton.focus();
  await keyboard.press('Space');
  await expect(ada.muteButton).toBeVisible();
  await keyboard.press('Space');
  await expect(ada.unmuteButton).toBeVisible();
  await keyboard.down('Space');
  await expect(ada.muteButton).toBeVisible();
  await keyboard.up('Space');
  await expect(ada.unmuteButton).toBeVisible();

  // Another control with visible focus, as after Tab, handles the key itself.
  await keyboard.press('Tab');
  await expect(ada.soundButton).toBeFocused();
  await keyboard.press('Space');
  await expect(ada.soundSheet).toBeVisible();
  await expect(ada.unmuteButton).toBeVisible();

  await ada.shortcutSwitch.uncheck();
  await keyboard.press('Escape');
  await expect(ada.soundSheet).toBeHidden();
  await expect(ada.soundButton).toBeFocused();

  // A skip link leads past everybody in the room.
  await ada.page.getByRole('link', { name: 'To your microphone' }).focus();
  await keyboard.press('Enter');
  await expect(ada.unmuteButton).toBeFocused();

  await ada.main.click({ position: { x: 5, y: 5 } });
  await keyboard.press('m');
  await keyboard.press('Space');
  await expect(ada.unmuteButton).toBeVisible();
  await ada.reload();
  await ada.isInside();
  await ada.openSound();
  await expect(ada.shortcutSwitch).not.toBeChecked();
});

test('a host copies a link for guests with two presses, and finds the same link again', async ({ someone }) => {
  const ada = await (await someone({ permissions: ['clipboard-read', 'clipboard-write'] })).arrive('Ada');
  const { keyboard } = ada.page;
  // Chromium on a desktop has no `navigator.share`. On a phone it takes these values.
  await ada.page.addInitScript(() => {
    navigator.share = async (data) => void Object.assign(window, { sharedByTest: data });
  });
  const topic = own('Tea');
  await ada.openRoom(topic, 'Private');
  await ada.inviteButton.focus();
  await keyboard.press('Enter');
  await expect(ada.copyButton).toBeFocused();
  await expect(ada.linkBox).not.toHaveValue('');
  await keyboard.press('Enter');
  await expect(ada.inviteSheet.getByRole('button', { name: 'Copied' })).toBeFocused();
  await expect(ada.page.locator('[data-announcer]')).toContainText('Link copied.');
  const link = await ada.page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain(`${ada.server.url}/invite/`);
  await expect(ada.inviteSheet).toContainText('Anyone with this link can come in for 7 days, while the room is open. They need no account.');
  await ada.inviteSheet.getByRole('button', { name: 'Share' }).click();
  const shared = await ada.page.evaluate(() => (window as unknown as { sharedByTest: ShareData }).sharedByTest);
  expect(shared).toEqual({ title: topic, url: link });

  await ada.inviteSheet.getByRole('button', { name: 'Full screen' }).click();
  const screen = ada.page.getByRole('dialog', { name: 'QR code' });
  await expect(screen.getByRole('button', { name: 'Back' })).toBeFocused();
  const code = screen.getByRole('img', { name: /QR code/ });
  await expect.poll(() => code.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  const { height } = ada.page.viewportSize()!;
  expect((await code.boundingBox())!.height).toBeGreaterThan(height * 0.6);
  expect(await readQrCode(code)).toBe(link);
  await keyboard.press('Escape');
  await expect(screen).toBeHidden();
  await expect(ada.inviteSheet.getByRole('button', { name: 'Full screen' })).toBeFocused();
  await expect(ada.copyButton, 'after two seconds, the button copies again').toBeVisible();
  await keyboard.press('Escape');
  await expect(ada.inviteSheet).toBeHidden();
  await expect(ada.inviteButton).toBeFocused();

  await ada.reload();
  await ada.isInside();
  await ada.changeInvite();
  await expect(ada.linkBox).toHaveValue(link);
  await expect(ada.links).toHaveText([/Not used yet\./]);
});

/** Reads the code as a camera would: draws it as pixels, and gives the pixels to an independent QR reader. */
async function readQrCode(code: Locator): Promise<string | undefined> {
  const { width, height, data } = await code.evaluate((image: HTMLImageElement) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 480 });
    const brush = canvas.getContext('2d')!;
    brush.fillStyle = 'white';
    brush.fillRect(0, 0, 480, 480);
    brush.drawImage(image, 0, 0, 480, 480);
    return { width: 480, height: 480, data: [...brush.getImageData(0, 0, 480, 480).data] };
  });
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data;
}

test('a full room says so, and you can still look in', async ({ someone, startServer }) => {
  const server = await startServer({ SNUG_VOICE_PEOPLE_PER_ROOM: '1' });
  const ada = await (await someone({ on: server })).arrive('Ada');
  const ben = await (await someone({ on: server })).arrive('Ben');
  await ben.open(await ada.openRoom(own('Tea')));
  await ben.joinButton.click();
  await expect(ben.notice(/room is full/i)).toBeVisible();
  await expect(ben.participant('Ada')).toBeVisible();
  await ada.leave();
  await ben.join();
  await expect(ben.notice(/room is full/i)).toHaveCount(0);
});

test('signing out in another tab ends the call here', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  const ben = await (await someone()).arrive('Ben');
  // Without `BroadcastChannel`, this tab learns of the sign-out only from the server.
  await ada.page.addInitScript(() => Reflect.deleteProperty(window, 'BroadcastChannel'));
  await ada.open('/rooms');
  const room = await ada.openRoom(own('Tea'));
  await ben.enter(room);
  await ada.unmute();
  await (await ada.newTab()).signOut();
  await expect(ben.participant('Ada')).toHaveCount(0, { timeout: 1_000 });
  await expect(ada.heading(/session on this device has ended/i)).toBeVisible();
  await expect(ada.muteButton).toHaveCount(0);
  await ada.page.getByRole('link', { name: 'Sign in', exact: true }).click();
  await ada.isAt('/sign-in');
});

test('leaving while the browser still asks for the microphone releases it', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.page.addInitScript(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const tracks: MediaStreamTrack[] = [];
    Object.assign(window, { tracksOfTest: tracks });
    navigator.mediaDevices.getUserMedia = async (options) => {
      const stream = await ask(options);
      await new Promise((resolve) => setTimeout(resolve, 500));
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
  await ada.open('/rooms');
  await ada.openRoom(own('Tea'));
  await ada.unmuteButton.click();
  await ada.leave();
  const states = () =>
    ada.page.evaluate(() => (window as unknown as { tracksOfTest: MediaStreamTrack[] }).tracksOfTest.map((track) => track.readyState));
  await expect.poll(states).toEqual(['ended']);
});

test('the browser is asked for one channel with echo cancellation, noise suppression and gain control', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.page.addInitScript(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const requests: MediaStreamConstraints[] = [];
    Object.assign(window, { requestsOfTest: requests });
    navigator.mediaDevices.getUserMedia = (constraints) => {
      requests.push(constraints!);
      return ask(constraints);
    };
  });
  await ada.open('/rooms');
  await ada.openRoom(own('Tea'));
  await ada.unmute();
  const requests = await ada.page.evaluate(() => (window as unknown as { requestsOfTest: unknown[] }).requestsOfTest);
  expect(requests).toEqual([
    { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 } },
  ]);
});

test('joining a full room from another one leaves you in the first', async ({ someone, startServer }) => {
  const server = await startServer({ SNUG_VOICE_PEOPLE_PER_ROOM: '1' });
  const ben = await (await someone({ on: server })).arrive('Ben');
  const [full, own_] = [own('Full'), own('Own')];
  await ben.openRoom(full);
  const ada = await (await someone({ on: server })).arrive('Ada');
  await ada.openRoom(own_);
  await ada.page.goBack();
  await ada.isAt('/rooms');
  await ada.card(full).click();
  await expect(ada.notice(/room is full/i)).toBeVisible();
  await expect(ada.page.getByRole('complementary', { name: 'Your call' })).toContainText(own_);
});
