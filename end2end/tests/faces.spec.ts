/** Choosing a photo: the ways to give one to the page, files that are not photos, and the resulting face. */
import { expect, test } from '../support/fixtures';
import { isNear, lookAt } from '../support/colours';
import { cornersOfCurrentPicture, expectNear, placement } from '../support/crop';
import { heic, readsHeic } from '../support/heic';
import { chooserAfter } from '../support/keyboard';
import { newcomer } from '../support/newcomer';
import { BLUE, GREEN, RED, YELLOW, avif, bomb, dot, notes, quarters, smallPhoto, webp } from '../support/picture';
import type { Picture } from '../support/picture';
import type { Visitor } from '../support/visitor';
import { addressFor } from '../support/words';

/** Gives a file to the page as a browser does: as a drop on `selector`, or as a paste. */
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
  ['dropped on the drop area', 'drop', '.drop'],
  ['dropped anywhere on the page', 'drop', 'h1'],
  ['pasted while the name is being typed', 'paste', '#name'],
] as const) {
  test(`a photo can be ${how}`, async ({ someone }) => {
    const ada = await newcomer(someone);
    await ada.nameBox.fill('Ada L.');
    await carry(ada, kind, selector, smallPhoto());
    await expect(ada.preview).toBeVisible();
    await expect(ada.nameBox).toHaveValue('Ada L.');
    await ada.comeIn('Ada');
    expect(isNear((await lookAt(ada.page, (await ada.me()).picture)).centre, RED)).toBe(true);
  });
}

test('a photo can be chosen with its button', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.nameBox.fill('Ada L.');
  await ada.changeFace();
  const chooser = await chooserAfter(ada.page, () => ada.main.locator('label', { hasText: 'Photo' }).click());
  await chooser.setFiles(smallPhoto());
  await expect(ada.preview).toBeVisible();
  await expect(ada.frame).toBeVisible();
  await expect(ada.nameBox).toHaveValue('Ada L.');
  await ada.comeIn('Ada');
  expect(isNear((await lookAt(ada.page, (await ada.me()).picture)).centre, RED)).toBe(true);
});

test('the camera takes a picture and is switched off again', async ({ someone }) => {
  const ada = await newcomer(someone, { permissions: ['camera'] });
  await ada.page.evaluate(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    const tracks: MediaStreamTrack[] = [];
    const requests: unknown[] = [];
    Object.assign(window, { tracks, requests });
    mediaDevices.getUserMedia = async (constraints) => {
      requests.push(constraints);
      const stream = await ask(constraints);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
  const open = () =>
    ada.page.evaluate(() => (window as unknown as { tracks: MediaStreamTrack[] }).tracks.map((track) => track.readyState));
  const camera = ada.page.getByRole('button', { name: 'Camera' });
  await ada.changeFace();
  await camera.click();
  await expect(ada.page.getByRole('button', { name: 'Take the picture' })).toBeEnabled();
  expect(await open()).toEqual(['live']);
  const requests = await ada.page.evaluate(() => (window as unknown as { requests: unknown[] }).requests);
  expect(requests).toEqual([{ video: { facingMode: 'user', width: 1280, height: 960 } }]);
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

test('text pasted with a picture, as from a table, is pasted as text', async ({ someone }) => {
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

test('by keyboard, the focus goes into the camera, and then back to its button or on to the photo', async ({ someone }) => {
  const ada = await newcomer(someone, { permissions: ['camera'] });
  const camera = ada.page.getByRole('button', { name: 'Camera' });
  await ada.changeFace();
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

test('a photo that is still being read is not lost if you press "Come in" too early', async ({ someone }) => {
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
  await ada.usePhoto();
  await ada.comeInButton.click();
  await ada.isAt('/rooms');
  expect((await ada.me()).picture).toMatch(/^\/pictures\//);
});

test('without a camera the page says so and keeps the face', async ({ someone, startBrowser }) => {
  const without = await startBrowser({ args: [] });
  const ada = await newcomer(someone, { in: without });
  await ada.changeFace();
  await ada.page.getByRole('button', { name: 'Camera' }).click();
  await expect(ada.notice(/camera.*photo/i)).toBeVisible();
  await expect(ada.faceSheet).toBeHidden();
  await ada.changeFace();
  await expect(ada.page.getByRole('button', { name: 'Another face' })).toBeEnabled();
});

// The server can't read these files. The browser can read them, and it sends a JPEG.
for (const [what, photo, prepare] of [
  ['an AVIF', avif, async () => {}],
  ['a HEIC, if the browser reads it like Safari', heic, readsHeic],
] as const) {
  test(`a photo that only the browser can decode is shown: ${what}`, async ({ someone }) => {
    const ada = await someone();
    await prepare(ada.page);
    await ada.signIn(addressFor('Ada'));
    await ada.choosePhoto(photo());
    expectNear(await cornersOfCurrentPicture(ada), [RED, GREEN, BLUE, YELLOW]);
  });
}

test.describe('a file that is not a usable photo gets a message, and name and photo stay', () => {
  const huge: Picture = { name: 'huge.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(61 * 1024 * 1024) };
  for (const [what, file, words] of [
    ['not a picture', notes(), /not a picture/],
    ['a kind that only other browsers open', heic(), /can open.*JPEG or PNG/],
    ['too small', dot(), /too small/],
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
});

/** Drops a file that is larger than Playwright can hand over. */
async function carryLarge(ada: Visitor, bytes: number): Promise<void> {
  await ada.page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'huge.jpg', { type: 'image/jpeg' }));
    document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
  }, bytes);
}

test('a WebP is shown and can be fetched', async ({ browser, someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(await webp(browser));
  await ada.comeIn('Ada');
  expect(isNear((await lookAt(ada.page, (await ada.me()).picture)).centre, RED)).toBe(true);
});

test('without scripts a WebP is shown, and a bomb is refused with a message', async ({ browser, someone }) => {
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

test('a bomb is shrunk by the browser or refused with a message', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.photoInput.setInputFiles(bomb(9_000, 9_000));
  const refused = ada.notice(/not a picture/);
  await expect(ada.preview.or(refused).first()).toBeVisible();
  await expect.poll(async () => (await refused.isVisible()) || (await placement(ada))[0] > 0).toBe(true);
  const expected = (await refused.isVisible()) ? /^\/faces\// : /^\/pictures\//;
  await ada.comeIn('Ada');
  const { picture } = await ada.me();
  expect(picture).toMatch(expected);
  const look = await lookAt(ada.page, picture);
  expect(look.width).toBe(look.height);
});

test('a tall photo is shown as a square', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(quarters(400, 8_000));
  expectNear(await cornersOfCurrentPicture(ada), [RED, GREEN, BLUE, YELLOW]);
  const look = await lookAt(ada.page, (await ada.me()).picture);
  expect([look.width, look.height]).toEqual([256, 256]);
});

test('others in the room see a changed face and name without a reload', async ({ someone }) => {
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
  await expect(tab.page.getByText("Anyone with the photo's web address can open it.")).toBeVisible();
  await tab.nameBox.fill('Countess');
  await tab.choosePhoto(smallPhoto());
  await tab.page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await ada.me()).picture).toMatch(/^\/pictures\//);
  const { picture } = await ada.me();
  await expect(mina.participant('Countess').locator(`img[src="${picture}"]`)).toBeVisible();
  await expect(ada.participant('Countess').locator(`img[src="${picture}"]`)).toBeVisible();
  await expect(watcher.main.locator(`img[src*="${picture.slice(10, 40)}"]`)).toBeVisible();
});
