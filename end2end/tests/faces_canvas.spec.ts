/** Browsers that protect the canvas: what a page reads from it is noise. Firefox with resistFingerprinting, LibreWolf and Tor do so. */
import type { BrowserContext } from '@playwright/test';
import { coloursAt } from '../support/colours';
import { expectNear, openPhoto } from '../support/crop';
import { expect, test } from '../support/fixtures';
import { newcomer } from '../support/newcomer';
import { avif, quarters, RED } from '../support/picture';

const ENDPOINT = '**/api/profile/activate';

/** From the next page on, everything that a page reads from a canvas is noise. */
async function protectCanvas(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const { toBlob } = HTMLCanvasElement.prototype;
    const { getImageData } = CanvasRenderingContext2D.prototype;
    const noise = (width: number, height: number) => {
      const made = new ImageData(width, height);
      for (let at = 0; at < made.data.length; at++) made.data[at] = at % 4 === 3 ? 255 : (at * 7919) % 251;
      return made;
    };
    CanvasRenderingContext2D.prototype.getImageData = function (...given: [number, number, number, number]) {
      const { width, height } = getImageData.apply(this, given);
      return noise(width, height);
    };
    HTMLCanvasElement.prototype.toBlob = function (...given) {
      const copy = document.createElement('canvas');
      [copy.width, copy.height] = [this.width, this.height];
      copy.getContext('2d')!.putImageData(noise(copy.width, copy.height), 0, 0);
      toBlob.apply(copy, given);
    };
  });
}

test('with a protected canvas the stored face is the chosen part of the photo and not noise', async ({ someone }) => {
  const ada = await newcomer(someone);
  await protectCanvas(ada.context);
  await ada.reload();

  // The camera goes through a canvas too.
  await ada.page.locator('#change-face').click();
  await ada.page.locator('#camera').click();
  await expect(ada.notice(/does not let Snug take a picture with the camera/)).toBeVisible();

  // The browser shows this file, but the server can't open it.
  await ada.nameBox.fill('Ada');
  await ada.choosePhoto(avif());
  await ada.comeInButton.click();
  await expect(ada.notice(/can't open a file of this type\. Choose a JPEG/)).toBeVisible();

  await openPhoto(ada, quarters(800, 600));
  await ada.zoom.fill('4');
  for (let step = 0; step < 30; step++) await ada.frame.press('ArrowRight');
  for (let step = 0; step < 30; step++) await ada.frame.press('ArrowDown');
  await ada.usePhoto();
  const sent = ada.page.waitForRequest(ENDPOINT);
  await ada.comeInButton.click();
  const form = new URLSearchParams((await sent).postData() ?? '');
  expect(form.get('picture')).toMatch(/^data:image\/png;base64,/);
  expect(form.get('crop')).toMatch(/^\d+,\d+,250000,0$/);
  await ada.isAt(/^(?!\/activate)/);

  // Another browser, whose canvas is honest, looks at the stored face.
  const ben = await (await someone()).arrive('Ben');
  await ben.open('/rooms');
  const seen = await coloursAt(ben.page, (await ada.me()).picture, [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.5, 0.5],
  ]);
  expectNear(seen, [RED, RED, RED]);
});
