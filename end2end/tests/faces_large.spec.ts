/** A large file shows its progress while the page reads it. */
import { expect, test } from '../support/fixtures';
import { bigPhoto } from '../support/picture';
import { addressFor } from '../support/words';

// A trace keeps every state of the page, and here each contains 45 MB of data URL.
test.use({ trace: 'off' });

test('a large file shows how much of it has been read', async ({ browser, someone }) => {
  const photo = await bigPhoto(browser);
  // Browsers ignore bytes after the end of a picture.
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
  // On a fast machine the page perhaps reports its progress only once.
  expect(Math.max(...seen), `seen ${seen}`).toBeGreaterThan(0);
});
