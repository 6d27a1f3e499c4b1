/** The square of a photo: where the photo lies behind its frame, what hands change about that, and what is current of it. */
import { expect } from '@playwright/test';
import { coloursAt, isNear, type Rgb } from './colours';
import type { Picture } from './picture';
import type { Visitor } from './visitor';

/** The corners of a picture, a fifth in: left and right above, left and right below. */
const CORNERS: [number, number][] = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.2, 0.8],
  [0.8, 0.8],
];

/** The corners of what was made of the photo. */
export async function cornersOfCurrentPicture(ada: Visitor): Promise<Rgb[]> {
  await ada.comeIn('Ada');
  return coloursAt(ada.page, (await ada.me()).picture, CORNERS);
}

export function expectNear(seen: Rgb[], meant: Rgb[]): void {
  const near = seen.map((colour, at) => isNear(colour, meant[at]));
  expect(near, `seen ${JSON.stringify(seen)}, meant ${JSON.stringify(meant)}`).toEqual(meant.map(() => true));
}

/** Where the photo lies behind its frame: width, left and top in percent, and degrees. */
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

/** Chooses a photo and waits until its square is there; its first placement. */
export async function openPhoto(ada: Visitor, photo: Picture): Promise<number[]> {
  await ada.choosePhoto(photo);
  await expect.poll(async () => (await placement(ada))[0]).toBeGreaterThan(0);
  return placement(ada);
}

/** What `act` changes about the placement, to a tenth. It fails where that is nothing. */
export async function change(ada: Visitor, act: () => Promise<void>): Promise<number[]> {
  const before = await placement(ada);
  await act();
  await expect.poll(() => placement(ada)).not.toEqual(before);
  const after = await placement(ada);
  // Plus nothing: there is a zero below zero, which equals no other.
  return after.map((now, at) => Math.round(10 * (now - before[at])) / 10 + 0);
}
