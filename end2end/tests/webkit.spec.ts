/** Signing up and choosing a face in WebKitGTK. */
import { test as base, expect } from '../support/fixtures';
import { isNear, lookAt } from '../support/colours';
import { RED, smallPhoto } from '../support/picture';
import { WebKit } from '../support/webkit';
import { addressFor, own } from '../support/words';

const test = base.extend<{ webkit: WebKit }>({
  // This fixture depends on `server` so that the browser closes before the server that it visits.
  webkit: [
    async ({ server: _ }, use) => {
      const browser = await WebKit.start();
      await use(browser);
      await browser.close();
    },
    { timeout: 60_000 },
  ],
});

test('somebody in WebKit signs up, crops a photo, changes to a drawn face, and opens a room', async ({ webkit: ada, server }) => {
  test.slow();
  const email = addressFor('Ada');
  await ada.open(`${server.url}/sign-in`);
  await ada.isAt(/^\/sign-in$/);
  await ada.fill('E-mail', email);
  await ada.press('Send code');
  // The sixth digit sends the code.
  await ada.fill('Code', await server.outbox.readCode(email));
  await ada.isAt(/^\/activate$/);

  await ada.fill('Your name', 'Ada');
  await ada.choose('input[type=file]', smallPhoto());
  await ada.press('Use photo');
  await ada.press('Come in');
  await ada.isAt(/^\/rooms$/);
  const photo = await ada.picture();
  expect(photo).toMatch(/^\/pictures\//);
  expect(isNear((await lookAt(ada, photo)).centre, RED)).toBe(true);

  await ada.open(`${server.url}/settings`);
  await ada.isAt(/^\/settings$/);
  await ada.press('Change face');
  await ada.press('Drawn face');
  await ada.press('Close');
  await ada.press('Save');
  await expect.poll(() => ada.picture()).toMatch(/^\/faces\/.+\.svg$/);

  // Debian builds WebKitGTK without WebRTC, so this browser has no voice, and the page says so.
  await ada.open(`${server.url}/rooms`);
  await ada.isAt(/^\/rooms$/);
  await ada.press('Open a room');
  await ada.fill('Topic', own('Tea'));
  await ada.press('Start');
  await ada.isAt(/^\/rooms\/.+/);
  await ada.shows('Your browser and Snug could not agree on how to carry voices.');
});
