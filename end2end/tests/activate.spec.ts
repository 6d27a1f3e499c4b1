/** Choosing a name and a face: the browser reads, shows, crops and shrinks a photo, or draws a face. */
import { isNear, lookAt } from '../support/colours';
import { expect, test } from '../support/fixtures';
import { newcomer } from '../support/newcomer';
import { BLUE, RED, bigPhoto, smallPhoto } from '../support/picture';
import { addressFor, own } from '../support/words';

test('a photo is previewed from the file itself, and served as a square JPEG', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.choosePhoto(smallPhoto());
  await expect(ada.preview).toHaveAttribute('src', /^data:image\/png;base64,/);
  await ada.comeIn('Ada');

  const { picture } = await ada.me();
  expect(picture).toMatch(/^\/pictures\/[0-9a-f]{64}\.jpg$/);
  const answer = await ada.context.request.get(picture);
  expect(answer.headers()).toMatchObject({
    'content-type': 'image/jpeg',
    'x-content-type-options': 'nosniff',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  const look = await lookAt(ada.page, picture);
  expect([look.width, look.height]).toEqual([256, 256]);
  expect(isNear(look.centre, RED)).toBe(true);
  expect(isNear(look.corner, BLUE)).toBe(true);
  const small = await lookAt(ada.page, picture.replace('.jpg', '-64.jpg'));
  expect([small.width, small.height]).toEqual([64, 64]);
});

test('zooming in cuts off the edges', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.cropPhoto(smallPhoto());
  await ada.zoom.fill((await ada.zoom.getAttribute('max')) ?? '');
  await ada.comeIn('Ada');
  const look = await lookAt(ada.page, (await ada.me()).picture);
  expect(isNear(look.centre, RED)).toBe(true);
  expect(isNear(look.corner, RED)).toBe(true);
});

test('a photo of 12 megapixels is shrunk before it is sent', async ({ browser, someone }) => {
  const photo = await bigPhoto(browser);
  expect(photo.buffer.length).toBeGreaterThan(2_000_000);
  const ada = await newcomer(someone);
  await ada.choosePhoto(photo);
  const sent = ada.page.waitForRequest((request) => request.url().endsWith('/api/profile/activate'));
  await ada.comeIn('Ada');
  const bytes = (await sent).postDataBuffer()?.length ?? 0;
  expect(bytes).toBeGreaterThan(5_000);
  expect(bytes).toBeLessThan(120_000);
  const look = await lookAt(ada.page, (await ada.me()).picture);
  expect([look.width, look.height]).toEqual([256, 256]);
  expect(isNear(look.centre, RED)).toBe(true);
});

test('a file that is not a picture gets a message, and the name stays', async ({ someone }) => {
  const ada = await newcomer(someone);
  await ada.nameBox.fill('Ada Lovelace');
  await ada.photoInput.setInputFiles({
    name: 'photo.jpg',
    mimeType: 'image/jpeg',
    buffer: Buffer.from('no picture at all'),
  });
  await expect(ada.notice(/picture|photo/i)).toBeVisible();
  await expect(ada.nameBox).toHaveValue('Ada Lovelace');
  await ada.comeIn('Ada Lovelace');
  expect((await ada.me()).picture).toMatch(/^\/faces\//);
});

test('the drawn face is served as an image that can run and load nothing', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  const answer = await ada.context.request.get((await ada.me()).picture);
  expect(answer.headers()['content-type']).toMatch(/^image\/svg\+xml/);
  expect(answer.headers()['x-content-type-options']).toBe('nosniff');
  expect(answer.headers()['content-security-policy']).toContain("default-src 'none'");
});

for (const [what, name] of [
  ['no name', '   '],
  ['a name of 41 characters', 'A'.repeat(41)],
]) {
  test(`${what} is answered with a message`, async ({ someone }) => {
    const ada = await newcomer(someone);
    await ada.nameBox.evaluate((box: HTMLInputElement) => {
      box.removeAttribute('maxlength');
      box.form?.setAttribute('novalidate', '');
    });
    await ada.nameBox.fill(name);
    await ada.comeInButton.click();
    await expect(ada.notice(/name/i)).toBeVisible();
    expect((await ada.me()).activated).toBe(false);
  });
}

test('a name may contain any script, emoji and markup', async ({ someone }) => {
  const ada = await newcomer(someone);
  const name = '<b>Zoë</b> & "Ömür" 李小龍 🦉';
  await ada.comeIn(name);
  expect((await ada.me()).name).toBe(name);
  await ada.open('/settings');
  await expect(ada.nameBox).toHaveValue(name);
});

test('name and face can be changed in the settings', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/settings');
  await ada.nameBox.fill('Countess');
  await ada.choosePhoto(smallPhoto());
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await ada.me()).name).toBe('Countess');
  await expect.poll(async () => (await ada.me()).picture).toMatch(/^\/pictures\//);
  await ada.reload();
  await expect(ada.nameBox).toHaveValue('Countess');
});

test('saving in the settings keeps the current face', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/settings');
  for (const name of ['Countess', 'Lady Lovelace']) {
    await ada.nameBox.fill(name);
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(async () => (await ada.me()).name).toBe(name);
  }
  await ada.choosePhoto(smallPhoto());
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await ada.me()).picture).toMatch(/^\/pictures\//);
  const { picture } = await ada.me();
  await ada.nameBox.fill('Ada again');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await ada.me()).name).toBe('Ada again');
  expect((await ada.me()).picture).toBe(picture);
});

test('the name has the focus, and with the keyboard of a phone open, both it and "Come in" are visible', async ({ someone }) => {
  const ada = await newcomer(someone);
  await expect(ada.nameBox).toBeFocused();
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(own('Tea'));
  const gus = await someone();
  await gus.open(await mina.makeLink({ guests: true }));
  await expect(gus.nameBox).toBeFocused();
  for (const { page, nameBox, comeInButton } of [ada, gus]) {
    await page.setViewportSize({ width: 360, height: 400 });
    // A browser scrolls the focused field into view when the keyboard opens.
    await nameBox.evaluate((box) => box.scrollIntoView({ block: 'nearest' }));
    for (const seen of [nameBox, comeInButton]) await expect(seen).toBeInViewport({ ratio: 1 });
    const [name, button] = [await nameBox.boundingBox(), await comeInButton.boundingBox()];
    expect(name!.y + name!.height).toBeLessThanOrEqual(button!.y);
  }
});

test('in a low window, "Come in" is never over the name that has the focus', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(own('Tea'));
  const gus = await someone({ viewport: { width: 360, height: 740 } });
  await gus.open(await mina.readyLink());
  await expect(gus.nameBox).toBeFocused();
  const isFree = async () => {
    const [name, button] = [await gus.nameBox.boundingBox(), await gus.comeInButton.boundingBox()];
    expect(name!.y + name!.height).toBeLessThanOrEqual(button!.y);
  };
  await gus.page.setViewportSize({ width: 360, height: 400 });
  await expect(isFree).toPass({ timeout: 5_000 });
  await gus.reload();
  await expect(gus.nameBox).toBeFocused();
  await expect(isFree).toPass({ timeout: 5_000 });
  for (const seen of [gus.nameBox, gus.comeInButton]) await expect(seen).toBeInViewport({ ratio: 1 });
});

test('a name typed and a button pressed before the page is hydrated are kept', async ({ someone }) => {
  const ada = await someone();
  await ada.signIn(addressFor('early'));
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await ada.page.goto('/activate', { waitUntil: 'commit' });
  await ada.nameBox.fill('Early Bird');
  await ada.changeFace();
  await ada.page.getByRole('button', { name: 'Another face' }).click();
  await expect(ada.notice(/Starting/)).toBeVisible();
  release();
  await expect(ada.page.locator('body[data-hydrated]')).toBeVisible();
  await expect(ada.page.getByRole('button', { name: 'Undo' }), 'the early press is carried out').toBeVisible();
  await ada.page.keyboard.press('Escape');
  await expect(ada.nameBox).toHaveValue('Early Bird');
  await ada.page.getByRole('button', { name: 'Come in' }).click();
  await ada.isAt('/rooms');
  expect((await ada.me()).name).toBe('Early Bird');
});
