/** A photo in its frame: moved, zoomed and rotated with pointers, wheel, keys and buttons, and undone. */
import { expect, test } from '../support/fixtures';
import { change, cornersOfCurrentPicture, expectNear, frameBox, openPhoto, placement } from '../support/crop';
import { newcomer } from '../support/newcomer';
import { BLUE, GREEN, RED, YELLOW, quarters } from '../support/picture';
import type { Visitor } from '../support/visitor';

test('dragging moves the photo with the pointer and stops at its edges', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.cropPhoto(quarters(960, 640));
  const { centre, width } = await frameBox(ada);
  const [, left, top] = await placement(ada);
  await ada.page.mouse.move(centre.x, centre.y);
  await ada.page.mouse.down();
  await ada.page.mouse.move(centre.x + width * 0.1, centre.y, { steps: 4 });
  const [, moved, stayed] = await placement(ada);
  expect(moved - left).toBeGreaterThan(8);
  expect(moved - left).toBeLessThan(12);
  expect(stayed).toBe(top);
  // The pointer leaves the frame with its button still pressed.
  await ada.page.mouse.move(centre.x + width, centre.y, { steps: 4 });
  await ada.page.mouse.up();
  expect((await placement(ada))[1]).toBeCloseTo(75, 1);
  await ada.page.mouse.move(centre.x - 20, centre.y);
  expect((await placement(ada))[1]).toBeCloseTo(75, 1);
  // Now the left square of the photo is in the frame, so the line between its halves is at three quarters.
  expectNear(await cornersOfCurrentPicture(ada), [RED, GREEN, BLUE, YELLOW]);
});

test('two fingers zoom by pinching', async ({ someone }) => {
  const ada = await newcomer(someone, { hasTouch: true });
  await ada.cropPhoto(quarters());
  const { centre, width } = await frameBox(ada);
  const touch = await ada.context.newCDPSession(ada.page);
  const fingers = (apart: number) => [
    { x: centre.x - apart / 2, y: centre.y, id: 1 },
    { x: centre.x + apart / 2, y: centre.y, id: 2 },
  ];
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(width * 0.2) });
  for (const part of [0.3, 0.4, 0.5]) {
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: fingers(width * part) });
  }
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  const [zoomed, left, top] = await placement(ada);
  expect(zoomed).toBeGreaterThan(220);
  expect(zoomed).toBeLessThan(280);
  expect(Math.abs(left - 50)).toBeLessThan(8);
  expect(Math.abs(top - 50)).toBeLessThan(8);
  await expect(ada.zoom).not.toHaveValue('1');
});

test('the wheel zooms around the pointer, and the page does not scroll', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.page.setViewportSize({ width: 800, height: 400 });
  await ada.cropPhoto(quarters());
  const { x, y, width, height } = await frameBox(ada);
  const scrolled = () => ada.page.evaluate(() => scrollY);
  const before = await scrolled();
  await ada.page.mouse.move(x + width * 0.2, y + height * 0.2);
  await ada.page.mouse.wheel(0, -900);
  await expect.poll(async () => (await placement(ada))[0]).toBeGreaterThan(250);
  expect(await scrolled()).toBe(before);
  // The point under the pointer has not moved, so its quarter has grown.
  expectNear((await cornersOfCurrentPicture(ada)).slice(0, 1), [RED]);
});

test('each key moves, zooms or rotates the photo', async ({ someone }) => {
  const ada = await newcomer(someone);
  await openPhoto(ada, quarters(960, 640));
  expect(await change(ada, () => ada.zoom.fill('2'))).toEqual([150, 0, 0, 0]);
  await ada.frame.focus();
  for (const [key, changes] of [
    ['ArrowRight', [0, 5, 0, 0]],
    ['ArrowLeft', [0, -5, 0, 0]],
    ['ArrowDown', [0, 0, 5, 0]],
    ['ArrowUp', [0, 0, -5, 0]],
    ['+', [30, 0, 0, 0]],
    ['-', [-30, 0, 0, 0]],
    ['=', [30, 0, 0, 0]],
    ['r', [0, 0, 0, 90]],
    ['ArrowUp', [0, 0, -5, 0]],
  ] as const) {
    expect(await change(ada, () => ada.page.keyboard.press(key)), key).toEqual(changes);
  }
});

test('every gesture also has a button or slider', async ({ someone }) => {
  const ada = await newcomer(someone);
  await openPhoto(ada, quarters(960, 640));
  expect(await change(ada, () => ada.zoom.fill('3'))).toEqual([300, 0, 0, 0]);
  expect(await change(ada, () => ada.zoom.fill('2'))).toEqual([-150, 0, 0, 0]);
  for (const [name, changes] of [
    ['Move right', [0, 5, 0, 0]],
    ['Move left', [0, -5, 0, 0]],
    ['Move down', [0, 0, 5, 0]],
    ['Move up', [0, 0, -5, 0]],
    ['Rotate', [0, 0, 0, 90]],
    ['Move up', [0, 0, -5, 0]],
  ] as const) {
    // The buttons that move the photo are only visible while they have the focus.
    await ada.page.getByRole('button', { name, exact: true }).focus();
    await expect(ada.page.getByRole('button', { name, exact: true })).toBeInViewport();
    expect(await change(ada, () => ada.page.keyboard.press('Enter')), name).toEqual(changes);
  }
  // A tap moves the point under it into the middle.
  const { x, y, width, height } = await frameBox(ada);
  const [, right, down] = await change(ada, () => ada.page.mouse.click(x + width * 0.4, y + height * 0.5));
  // A mouse points at whole pixels, so it misses the point by up to a pixel of the frame.
  expect(Math.abs(right - 10), `${right} % to the right`).toBeLessThan(1);
  expect(Math.abs(down), `${down} % down`).toBeLessThan(1);
});

test('a rotated photo is sent as it is shown', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.cropPhoto(quarters());
  await ada.page.getByRole('button', { name: 'Rotate' }).click();
  expectNear(await cornersOfCurrentPicture(ada), [BLUE, RED, YELLOW, GREEN]);
});

test('undo goes back step by step to the first face', async ({ someone }) => {
  const ada = await newcomer(someone);
  const undo = ada.page.getByRole('button', { name: 'Undo' });
  await ada.changeFace();
  await expect(undo).toHaveCount(0);
  await ada.pressInFaceSheet('Another face');
  await ada.cropPhoto(quarters());
  const start = await placement(ada);
  await expect(undo).toHaveCount(0);
  await ada.page.getByRole('button', { name: 'Rotate' }).click();
  await ada.zoom.fill('3');
  await undo.click();
  await expect.poll(() => placement(ada)).toEqual([start[0], start[1], start[2], 90]);
  await ada.frame.focus();
  await ada.page.keyboard.press('Control+z');
  await expect.poll(() => placement(ada)).toEqual(start);
  // The photo itself is no step of the crop.
  await ada.page.keyboard.press('Control+z');
  await expect(undo).toHaveCount(0);
  await ada.usePhoto();
  await expect(ada.changeFaceButton).toBeFocused();
  await ada.changeFace();
  await undo.click();
  await expect(ada.preview).toBeHidden();
  await undo.click();
  await expect(undo).toHaveCount(0);
  await expect(ada.page.getByRole('button', { name: 'Another face' })).toBeFocused();
  await ada.page.keyboard.press('Escape');
  await ada.comeIn('Ada');
  expect((await ada.me()).picture).toBe('/faces/Ada.svg');
});

test('"Cancel" and Escape go back to the face and the crop from before', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.cropPhoto(quarters(960, 640));
  await ada.cropSheet.getByRole('button', { name: 'Cancel' }).click();
  await expect(ada.cropSheet).toBeHidden();
  await expect(ada.face.locator('svg')).toBeVisible();
  await expect(ada.changeFaceButton).toBeFocused();

  await openPhoto(ada, quarters(960, 640));
  await change(ada, () => ada.zoom.fill('2'));
  await ada.usePhoto();
  await expect.poll(async () => (await placement(ada))[0]).toBe(300);
  await ada.changeFace();
  await ada.faceSheet.getByRole('button', { name: 'Crop again' }).click();
  await change(ada, () => ada.zoom.fill('4'));
  await ada.page.keyboard.press('Escape');
  await expect(ada.cropSheet).toBeHidden();
  await expect.poll(async () => (await placement(ada))[0]).toBe(300);
});

for (const [what, gesture] of [
  ['a drag', drag],
  ['a turn of the wheel', turnWheel],
  ['a key', pressKey],
] as const) {
  test(`one press of Undo undoes only ${what}`, async ({ someone }) => {
    const ada = await newcomer(someone);
    const undo = ada.page.getByRole('button', { name: 'Undo' });
    const start = await openPhoto(ada, quarters(960, 640));
    await change(ada, () => gesture(ada));
    await undo.click();
    await expect.poll(() => placement(ada)).toEqual(start);
    await expect(undo).toHaveCount(0);
  });
}

async function drag(ada: Visitor): Promise<void> {
  const { centre, width } = await frameBox(ada);
  await ada.page.mouse.move(centre.x, centre.y);
  await ada.page.mouse.down();
  await ada.page.mouse.move(centre.x - width * 0.2, centre.y, { steps: 4 });
  await ada.page.mouse.up();
}

async function turnWheel(ada: Visitor): Promise<void> {
  const { centre } = await frameBox(ada);
  await ada.page.mouse.move(centre.x, centre.y);
  await ada.page.mouse.wheel(0, -300);
}

async function pressKey(ada: Visitor): Promise<void> {
  await ada.frame.focus();
  await ada.page.keyboard.press('ArrowLeft');
}
