/** Cropping a photo: its position behind the frame, changes of that position, and the resulting picture. */
import { expect } from '@playwright/test';
import { coloursAt, isNear, type Rgb } from './colours';
import type { Picture } from './picture';
import type { Visitor } from './visitor';

/** Points near the corners of a picture: top left, top right, bottom left, bottom right. */
const CORNERS: [number, number][] = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.2, 0.8],
  [0.8, 0.8],
];

/** Presses "Come in" to save the photo, and returns the colours near the corners of the served picture. */
export async function cornersOfCurrentPicture(ada: Visitor): Promise<Rgb[]> {
  await ada.comeIn('Ada');
  return coloursAt(ada.page, (await ada.me()).picture, CORNERS);
}

export function expectNear(seen: Rgb[], meant: Rgb[]): void {
  const near = seen.map((colour, at) => isNear(colour, meant[at]));
  expect(near, `seen ${JSON.stringify(seen)}, meant ${JSON.stringify(meant)}`).toEqual(meant.map(() => true));
}

/** The position of the photo behind its frame: width, left and top in percent, and the rotation in degrees. */
export function placement(ada: Visitor): Promise<number[]> {
  return ada.preview.evaluate((image: HTMLElement) =>
    ['--width', '--left', '--top', '--rotation'].map((name) => parseFloat(image.style.getPropertyValue(name))),
  );
}

export async function frameBox(ada: Visitor) {
  await ada.frame.scrollIntoViewIfNeeded();
  const box = await ada.frame.boundingBox();
  if (!box) throw new Error('no frame');
  return { ...box, centre: { x: box.x + box.width / 2, y: box.y + box.height / 2 } };
}

/** Chooses a photo, waits until it is in its frame, and returns its first placement. */
export async function openPhoto(ada: Visitor, photo: Picture): Promise<number[]> {
  await ada.cropPhoto(photo);
  await expect.poll(async () => (await placement(ada))[0]).toBeGreaterThan(0);
  return placement(ada);
}

/** How much `act` changes the placement, rounded to a tenth. Fails if nothing changes. */
export async function change(ada: Visitor, act: () => Promise<void>): Promise<number[]> {
  const before = await placement(ada);
  await act();
  await expect.poll(() => placement(ada)).not.toEqual(before);
  const after = await placement(ada);
  // `+ 0` turns -0 into 0, because toEqual tells them apart.
  return after.map((now, at) => Math.round(10 * (now - before[at])) / 10 + 0);
}
