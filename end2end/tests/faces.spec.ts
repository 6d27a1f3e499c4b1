/** A photo on its way to a face: how it comes in, how it is cropped, taken back, and refused. */
import { expect, test } from '../support/fixtures';
import { coloursAt, isNear, lookAt, type Rgb } from '../support/colours';
import { newcomer } from '../support/newcomer';
import { BLUE, GREEN, RED, YELLOW, avif, bigPhoto, bomb, dataUrl, png, quarters, smallPhoto, webp } from '../support/picture';
import type { Picture } from '../support/picture';
import type { Visitor } from '../support/visitor';

/** The corners of a picture, a fifth in: left and right above, left and right below. */
const CORNERS: [number, number][] = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.2, 0.8],
  [0.8, 0.8],
];

/** The corners of what was made of the photo. */
async function cornersWorn(ada: Visitor): Promise<Rgb[]> {
  await ada.comeIn('Ada');
  return coloursAt(ada.page, (await ada.me()).picture, CORNERS);
}

function expectNear(seen: Rgb[], meant: Rgb[]): void {
  const near = seen.map((colour, at) => isNear(colour, meant[at]));
  expect(near, `seen ${JSON.stringify(seen)}, meant ${JSON.stringify(meant)}`).toEqual(meant.map(() => true));
}

/** Where the photo lies behind its frame: width, left and top in percent, and degrees. */
function placement(ada: Visitor): Promise<number[]> {
  return ada.preview.evaluate((image: HTMLElement) =>
    ['--width', '--left', '--top', '--turn'].map((name) => parseFloat(image.style.getPropertyValue(name))),
  );
}

async function frameBox(ada: Visitor) {
  await ada.frame.scrollIntoViewIfNeeded();
  const box = await ada.frame.boundingBox();
  if (!box) throw new Error('no frame');
  return { ...box, centre: { x: box.x + box.width / 2, y: box.y + box.height / 2 } };
}

/** Lets a file come to the page as the browser would: as a drop on `selector`, or as a paste. */
async function carry(ada: Visitor, kind: 'drop' | 'paste', selector: string, file: Picture): Promise<void> {
  await ada.page.evaluate(
    ({ kind, selector, file }) => {
      const data = new DataTransfer();
      const bytes = Uint8Array.from(atob(file.base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([bytes], file.name, { type: file.mimeType }));
      const target = document.querySelector(selector)!;
      const as = { bubbles: true, cancelable: true };
      if (kind === 'paste') target.dispatchEvent(new ClipboardEvent('paste', { ...as, clipboardData: data }));
      else for (const name of ['dragover', 'drop']) target.dispatchEvent(new DragEvent(name, { ...as, dataTransfer: data }));
    },
    { kind, selector, file: { ...file, base64: file.buffer.toString('base64'), buffer: undefined } },
  );
}

for (const [how, kind, selector] of [
  ['dropped on its place', 'drop', '.drop'],
  ['dropped anywhere on the page', 'drop', 'h1'],
  ['pasted while the name is being typed', 'paste', '#name'],
] as const) {
  test(`a photo comes in when it is ${how}`, async ({ someone }) => {
    const ada = await newcomer(someone);
    await ada.nameBox.fill('Ada L.');
    await carry(ada, kind, selector, smallPhoto());
    await expect(ada.preview).toBeVisible();
    await expect(ada.nameBox).toHaveValue('Ada L.');
    await ada.comeIn('Ada');
    expect(isNear((await lookAt(ada.page, (await ada.me()).picture)).centre, RED)).toBe(true);
  });
}

test('the camera takes a picture, and is given back', async ({ someone }) => {
  const ada = await newcomer(someone, { permissions: ['camera'] });
  await ada.page.evaluate(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    const tracks: MediaStreamTrack[] = [];
    Object.assign(window, { tracks });
    mediaDevices.getUserMedia = async (wishes) => {
      const stream = await ask(wishes);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
  const open = () =>
    ada.page.evaluate(() => (window as unknown as { tracks: MediaStreamTrack[] }).tracks.map((track) => track.readyState));
  const camera = ada.page.getByRole('button', { name: 'Camera' });
  await camera.click();
  await expect(ada.page.getByRole('button', { name: 'Take the picture' })).toBeEnabled();
  expect(await open()).toEqual(['live']);
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(open).toEqual(['ended']);

  await camera.click();
  await ada.page.getByRole('button', { name: 'Take the picture' }).click();
  await expect(ada.preview).toHaveAttribute('src', /^data:image\/jpeg;base64,/);
  await expect.poll(open).toEqual(['ended', 'ended']);
  await ada.comeIn('Ada');
  const look = await lookAt(ada.page, (await ada.me()).picture);
  expect([look.width, look.height]).toEqual([256, 256]);
});

test('words pasted from a table stay words, whatever picture they bring along', async ({ someone }) => {
  const ada = await newcomer(someone);
  const taken = await ada.page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(9)], 'cell.png', { type: 'image/png' }));
    data.setData('text/plain', 'Ada');
    const paste = new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data });
    return !document.querySelector('#name')!.dispatchEvent(paste);
  });
  expect(taken).toBe(false);
  await expect(ada.preview).toBeHidden();
});

test('by keyboard one goes on where the camera was opened, or from the photo', async ({ someone }) => {
  const ada = await newcomer(someone, { permissions: ['camera'] });
  const camera = ada.page.getByRole('button', { name: 'Camera' });
  await camera.focus();
  await ada.page.keyboard.press('Enter');
  await expect(ada.page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await ada.page.keyboard.press('Enter');
  await expect(camera).toBeFocused();
  await ada.page.keyboard.press('Enter');
  const take = ada.page.getByRole('button', { name: 'Take the picture' });
  await expect(take).toBeEnabled();
  await take.focus();
  await ada.page.keyboard.press('Enter');
  await expect(ada.frame).toBeFocused();
  const before = await placement(ada);
  await ada.page.keyboard.press('Control+=');
  expect(await placement(ada)).toEqual(before);
});

test('a photo that is still being read is not lost to a quick press', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.nameBox.fill('Ada');
  await ada.page.evaluate(() => {
    const read = FileReader.prototype.readAsDataURL;
    FileReader.prototype.readAsDataURL = function (blob) {
      setTimeout(() => read.call(this, blob), 700);
    };
  });
  await ada.photoInput.setInputFiles(smallPhoto());
  await ada.comeInButton.click();
  await expect(ada.preview).toBeVisible();
  await ada.comeInButton.click();
  await ada.isAt('/rooms');
  expect((await ada.me()).picture).toMatch(/^\/pictures\//);
});

test('a camera that stays closed leaves a sentence and the face', async ({ someone, startBrowser }) => {
  const without = await startBrowser({ args: [] });
  const ada = await newcomer(someone, { in: without });
  await ada.page.getByRole('button', { name: 'Camera' }).click();
  await expect(ada.notice(/camera.*photo/i)).toBeVisible();
  await expect(ada.page.getByRole('button', { name: 'Another face' })).toBeEnabled();
});

test('dragging moves the photo with the pointer, and ends at its edges', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(quarters(960, 640));
  const { centre, width } = await frameBox(ada);
  const [, left, top] = await placement(ada);
  await ada.page.mouse.move(centre.x, centre.y);
  await ada.page.mouse.down();
  await ada.page.mouse.move(centre.x + width * 0.1, centre.y, { steps: 4 });
  const [, moved, stayed] = await placement(ada);
  expect(moved - left).toBeGreaterThan(8);
  expect(moved - left).toBeLessThan(12);
  expect(stayed).toBe(top);
  // Out of the frame, and still held.
  await ada.page.mouse.move(centre.x + width, centre.y, { steps: 4 });
  await ada.page.mouse.up();
  expect((await placement(ada))[1]).toBeCloseTo(75, 1);
  await ada.page.mouse.move(centre.x - 20, centre.y);
  expect((await placement(ada))[1]).toBeCloseTo(75, 1);
  // The left square of it: the line between the halves at three quarters.
  expectNear(await cornersWorn(ada), [RED, GREEN, BLUE, YELLOW]);
});

test('two fingers pinch', async ({ someone }) => {
  const ada = await newcomer(someone, { hasTouch: true });
  await ada.choosePhoto(quarters());
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
  await ada.choosePhoto(quarters());
  const { x, y, width, height } = await frameBox(ada);
  const scrolled = () => ada.page.evaluate(() => scrollY);
  const before = await scrolled();
  await ada.page.mouse.move(x + width * 0.2, y + height * 0.2);
  await ada.page.mouse.wheel(0, -900);
  await expect.poll(async () => (await placement(ada))[0]).toBeGreaterThan(250);
  expect(await scrolled()).toBe(before);
  // What was under the pointer is still there, so its quarter has grown.
  expectNear((await cornersWorn(ada)).slice(0, 1), [RED]);
});

test('keys move, zoom and rotate', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(quarters(960, 640));
  await ada.frame.focus();
  const [, left] = await placement(ada);
  await ada.page.keyboard.press('ArrowRight');
  expect((await placement(ada))[1] - left).toBeCloseTo(5, 1);
  await ada.page.keyboard.press('+');
  expect((await placement(ada))[0]).toBeCloseTo(165, 0);
  await ada.page.keyboard.press('-');
  await ada.page.keyboard.press('r');
  expect((await placement(ada))[3]).toBe(90);
});

test('every gesture has a plain control, also without a keyboard', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(quarters(960, 640));
  const press = (name: string) => ada.page.getByRole('button', { name, exact: true }).click();
  const start = await placement(ada);
  await press('Move right');
  expect((await placement(ada))[1] - start[1]).toBeCloseTo(5, 1);
  await press('Move left');
  expect(await placement(ada)).toEqual(start);
  await ada.zoom.fill('2');
  await press('Move down');
  await press('Move up');
  expect((await placement(ada))[2]).toBeCloseTo(50, 1);
  await press('Rotate');
  expect((await placement(ada))[3]).toBe(90);
});

test('a rotated photo is sent as it is seen', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(quarters());
  await ada.page.getByRole('button', { name: 'Rotate' }).click();
  expectNear(await cornersWorn(ada), [BLUE, RED, YELLOW, GREEN]);
});

// What HEIC is to Safari: the server reads no such file, the browser does, and sends a JPEG on.
test('a photo that only the browser can decode is worn', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(avif());
  expectNear(await cornersWorn(ada), [RED, GREEN, BLUE, YELLOW]);
});

test('undo goes back step by step, to the face there was', async ({ someone }) => {
  const ada = await newcomer(someone);
  const undo = ada.page.getByRole('button', { name: 'Undo' });
  await expect(undo).toHaveAttribute('aria-disabled', 'true');
  await ada.page.getByRole('button', { name: 'Another face' }).click();
  await ada.choosePhoto(quarters());
  const start = await placement(ada);
  await ada.page.getByRole('button', { name: 'Rotate' }).click();
  await ada.zoom.fill('3');
  await undo.click();
  await expect.poll(() => placement(ada)).toEqual([start[0], start[1], start[2], 90]);
  await ada.frame.focus();
  await ada.page.keyboard.press('Control+z');
  await expect.poll(() => placement(ada)).toEqual(start);
  await undo.click();
  await expect(ada.preview).toBeHidden();
  await undo.click();
  await expect(undo).toHaveAttribute('aria-disabled', 'true');
  await expect(undo).toBeFocused();
  await ada.comeIn('Ada');
  expect((await ada.me()).picture).toBe('/faces/Ada.svg');
});

test('a_photo_of_12_megapixels_is_sent_as_at_most_90_kb_of_data_url', async ({ browser, someone }) => {
  const photo = await bigPhoto(browser);
  const ada = await newcomer(someone);
  await ada.choosePhoto(photo);
  const sent = ada.page.waitForRequest((request) => request.url().endsWith('/api/profile/activate'));
  await ada.comeIn('Ada');
  const url = new URLSearchParams((await sent).postData() ?? '').get('picture') ?? '';
  expect(url).toMatch(/^data:image\/jpeg;base64,/);
  expect(url.length).toBeGreaterThan(5_000);
  expect(url.length).toBeLessThanOrEqual(90_000);
  const size = await ada.page.evaluate(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  }, url);
  expect(size).toEqual([512, 512]);
});

test.describe('what is no photo leaves a sentence, the name and the face before', () => {
  const tiny: Picture = { name: 'dot.png', mimeType: 'image/png', buffer: png(8, 8, () => RED) };
  const text: Picture = { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a picture') };
  const huge: Picture = { name: 'huge.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(61 * 1024 * 1024) };
  for (const [what, file, words] of [
    ['no picture', text, /not a picture/],
    ['too small', tiny, /too small/],
    ['too large to open', huge, /too large/],
  ] as const) {
    test(what, async ({ someone }) => {
      const ada = await newcomer(someone);
      await ada.nameBox.fill('Ada Lovelace');
      await ada.choosePhoto(smallPhoto());
      if (file.buffer.length > 50 * 1024 * 1024) await carryLarge(ada, file.buffer.length);
      else await ada.photoInput.setInputFiles(file);
      await expect(ada.notice(words)).toBeVisible();
      await expect(ada.nameBox).toHaveValue('Ada Lovelace');
      await expect(ada.preview).toBeVisible();
      await ada.comeIn('Ada Lovelace');
      expect(isNear((await lookAt(ada.page, (await ada.me()).picture)).centre, RED)).toBe(true);
    });
  }

  test('a file that can not be read', async ({ someone }) => {
    const ada = await newcomer(someone);
    await ada.nameBox.fill('Ada Lovelace');
    await ada.page.evaluate(() => {
      FileReader.prototype.readAsDataURL = function () {
        setTimeout(() => this.dispatchEvent(new ProgressEvent('loadend')));
      };
    });
    await ada.photoInput.setInputFiles(smallPhoto());
    await expect(ada.notice(/can't be read/)).toBeVisible();
    await expect(ada.nameBox).toHaveValue('Ada Lovelace');
  });

  test('refused by the server', async ({ someone }) => {
    const ada = await newcomer(someone);
    await ada.nameBox.fill('Ada Lovelace');
    await ada.choosePhoto(smallPhoto());
    const hostile = dataUrl(bomb(9_000, 9_000));
    await ada.page.route('**/api/profile/activate', async (route) => {
      const form = new URLSearchParams(route.request().postData() ?? '');
      form.set('picture', hostile);
      await route.continue({ postData: form.toString() });
    });
    await ada.comeInButton.click();
    await expect(ada.notice(/too large/)).toBeVisible();
    await expect(ada.nameBox).toHaveValue('Ada Lovelace');
    await expect(ada.preview).toBeVisible();
    await ada.page.unroute('**/api/profile/activate');
    await ada.comeIn('Ada Lovelace');
  });
});

/** Larger files than Playwright hands over. */
async function carryLarge(ada: Visitor, bytes: number): Promise<void> {
  await ada.page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'huge.jpg', { type: 'image/jpeg' }));
    document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
  }, bytes);
}

test('m3_a_webp_is_worn_and_can_be_fetched', async ({ browser, someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(await webp(browser));
  await ada.comeIn('Ada');
  expect(isNear((await lookAt(ada.page, (await ada.me()).picture)).centre, RED)).toBe(true);
});

test('m3_m18_without_scripts_a_webp_is_worn_and_a_bomb_is_refused_with_a_sentence', async ({ browser, someone }) => {
  const ada = await newcomer(someone, { javaScriptEnabled: false });
  await ada.nameBox.fill('Ada Lovelace');
  await ada.choosePhoto(bomb(9_000, 9_000));
  await ada.comeInButton.click();
  await expect(ada.notice(/too large/)).toBeVisible();
  await expect(ada.nameBox).toHaveValue('Ada Lovelace');
  await ada.choosePhoto(await webp(browser));
  await ada.comeIn('Ada Lovelace');
  const visitor = await someone();
  await visitor.open('/');
  expect(isNear((await lookAt(visitor.page, (await ada.me()).picture)).centre, RED)).toBe(true);
});

test('m18_a_bomb_is_shrunk_by_the_browser_or_answered_with_a_sentence', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.photoInput.setInputFiles(bomb(9_000, 9_000));
  const refused = ada.notice(/not a picture/);
  await expect(ada.preview.or(refused).first()).toBeVisible();
  await expect.poll(async () => (await refused.isVisible()) || (await placement(ada))[0] > 0).toBe(true);
  const wears = (await refused.isVisible()) ? /^\/faces\// : /^\/pictures\//;
  await ada.comeIn('Ada');
  const { picture } = await ada.me();
  expect(picture).toMatch(wears);
  const look = await lookAt(ada.page, picture);
  expect(look.width).toBe(look.height);
});

test('m19_a_tall_photo_is_worn_as_a_square', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(quarters(400, 8_000));
  expectNear(await cornersWorn(ada), [RED, GREEN, BLUE, YELLOW]);
  const look = await lookAt(ada.page, (await ada.me()).picture);
  expect([look.width, look.height]).toEqual([256, 256]);
});

test('face and name that are changed in settings are seen by others in the room without a reload', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom('Tea');
  await expect(mina.participant('Mina')).toBeVisible();
  const ada = await (await someone()).arrive('Ada');
  await ada.open(room);
  await ada.join();
  await expect(mina.participant('Ada')).toBeVisible();
  const watcher = await (await someone()).arrive('Tom');
  await watcher.open('/rooms');
  const tab = await ada.newTab();
  await tab.open('/settings');
  await expect(tab.page.getByText('A photo can be seen by whoever has its address.')).toBeVisible();
  await tab.nameBox.fill('Countess');
  await tab.choosePhoto(smallPhoto());
  await tab.page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await ada.me()).picture).toMatch(/^\/pictures\//);
  const { picture } = await ada.me();
  await expect(mina.participant('Countess').locator(`img[src="${picture}"]`)).toBeVisible();
  await expect(ada.participant('Countess').locator(`img[src="${picture}"]`)).toBeVisible();
  await expect(watcher.main.locator(`img[src*="${picture.slice(10, 40)}"]`)).toBeVisible();
});
