/** A large file on its way into the page. */
import { expect, test } from '../support/fixtures';
import { bigPhoto } from '../support/picture';
import { addressFor } from '../support/words';

// A trace keeps every state of the page, and here each holds 45 MB of data URL.
test.use({ trace: 'off' });

test('a large file shows how far it is read', async ({ browser, someone }) => {
  const photo = await bigPhoto(browser);
  // What stands behind a picture's end is no matter to the browser.
  const large = { ...photo, buffer: Buffer.concat([photo.buffer, Buffer.alloc(30_000_000)]) };
  const ada = await someone();
  await ada.signIn(addressFor('Ada'));
  await ada.isAt('/activate');
  await ada.page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const bar = document.querySelector<HTMLProgressElement>('progress#reading');
      if (bar) seen.push(bar.value);
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
  });
  await ada.photoInput.setInputFiles(large);
  await expect(ada.preview).toBeVisible({ timeout: 20_000 });
  const seen = await ada.page.evaluate(() => (window as unknown as { seen: number[] }).seen);
  // A quick machine may read it between two reports of the browser.
  expect(Math.max(...seen), `seen ${seen}`).toBeGreaterThan(0);
});
