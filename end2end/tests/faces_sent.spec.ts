/** Sending a photo: how much is sent, and what the page says if the server refuses it. */
import type { Page } from '@playwright/test';
import { openPhoto, placement } from '../support/crop';
import { expect, test } from '../support/fixtures';
import { newcomer } from '../support/newcomer';
import { avif, bigPhoto, bomb, dataUrl, dot, grain, notes, quarters, smallPhoto, type Picture } from '../support/picture';
import type { Visitor } from '../support/visitor';

const ENDPOINT = '**/api/profile/activate';
const URL_MAX = 90_000;

test('a photo of 12 megapixels is sent as at most 90 kB of data URL', async ({ browser, someone }) => {
  const photo = await bigPhoto(browser);
  const ada = await newcomer(someone);
  await ada.choosePhoto(photo);
  const url = await sentBy(ada, () => ada.comeIn('Ada'));
  expect(url.length).toBeGreaterThan(5_000);
  expect(url.length).toBeLessThanOrEqual(URL_MAX);
  const size = await ada.page.evaluate(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  }, url);
  expect(size).toEqual([512, 512]);
});

for (const [what, harsh] of [
  ['a very grainy photo', false],
  ['nothing but black and white grain', true],
] as const) {
  test(`${what} at the closest zoom is sent at the first quality that makes it short enough`, async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    await noteTries(ada.page);
    await ada.open('/settings');
    await openPhoto(ada, grain(harsh));
    await ada.zoom.fill('4');
    await expect.poll(() => placement(ada)).toEqual([400, 50, 50, 0]);
    const url = await sentBy(ada, () => ada.save('Ada'));
    await expect(ada.notice(/^Saved/)).toBeVisible();
    const tried = await triesOf(ada.page);
    const qualities = tried.map(({ quality }) => quality);
    expect(qualities.length, `tried ${qualities}`).toBeGreaterThan(1);
    expect(qualities, 'each quality is lower than the one before').toEqual([...new Set(qualities)].sort((a, b) => b - a));
    const fits = tried.map(({ characters }) => characters <= URL_MAX);
    expect(fits, JSON.stringify(tried)).toEqual([...qualities.slice(1).map(() => false), true]);
    expect(url.length).toBe(tried[tried.length - 1].characters);
    expect(url.length).toBeLessThanOrEqual(URL_MAX);
    expect((await ada.me()).picture).toMatch(/^\/pictures\//);
  });
}

// The page itself never sends these files: it would refuse them or make a small JPEG of them.
for (const [status, what, photo, words] of [
  [413, 'more pixels than are decoded', () => bomb(9_000, 9_000), /too large\. Choose one of at most 8 MB/],
  [415, 'not a picture', notes, /not a picture\. Choose a JPEG, PNG, WebP or GIF/],
  [415, 'a kind that only browsers read', avif, /can't read this kind of picture/],
  [422, 'too small', dot, /too small\. Choose one of at least 16 pixels/],
  [422, 'torn', () => torn(smallPhoto()), /is damaged\. Save it once more/],
] as const) {
  test(`refused with ${status}, ${what}: the page says why, and keeps name and photo`, async ({ someone }) => {
    const ada = await newcomer(someone);
    await ada.nameBox.fill('Ada Lovelace');
    await ada.choosePhoto(smallPhoto());
    await sendInstead(ada.page, photo());
    const answer = ada.page.waitForResponse(ENDPOINT);
    await ada.comeInButton.click();
    expect((await answer).status()).toBe(status);
    await keepsAll(ada, words);
    expect(ada.path).toBe('/activate');
    await ada.page.unroute(ENDPOINT);
    await ada.comeIn('Ada Lovelace');
    expect((await ada.me()).picture).toMatch(/^\/pictures\//);
  });
}

test('refused with 429, too many in an hour: the page says why, and keeps name and photo', async ({
  startServer,
  someone,
}) => {
  const server = await startServer({ SNUG_LIMITS_ENFORCED: 'true', SNUG_LIMITS_UPLOADS_PER_HOUR: '1' });
  const ada = await (await someone({ on: server })).arrive('Ada', { picture: dataUrl(smallPhoto()) });
  const before = await ada.me();
  await ada.open('/settings');
  await ada.choosePhoto(quarters());
  const answer = ada.page.waitForResponse(ENDPOINT);
  await ada.save('Ada Lovelace');
  expect((await answer).status()).toBe(429);
  await keepsAll(ada, /changed your picture many times\. Try again in \d+ (s|minutes)\./);
  expect(await ada.me()).toEqual(before);
});

async function keepsAll(ada: Visitor, words: RegExp): Promise<void> {
  await expect(ada.notice(words)).toBeVisible();
  await expect(ada.nameBox).toHaveValue('Ada Lovelace');
  await expect(ada.preview).toBeVisible();
}

/** The data URL that `act` makes the page send. */
async function sentBy(ada: Visitor, act: () => Promise<void>): Promise<string> {
  const sent = ada.page.waitForRequest(ENDPOINT);
  await act();
  const url = new URLSearchParams((await sent).postData() ?? '').get('picture') ?? '';
  expect(url).toMatch(/^data:image\/jpeg;base64,/);
  return url;
}

/** Replaces the page's photo with another one, under a type that the endpoint accepts. */
async function sendInstead(page: Page, photo: Picture): Promise<void> {
  const hostile = dataUrl({ ...photo, mimeType: 'image/png' });
  await page.route(ENDPOINT, async (route) => {
    const form = new URLSearchParams(route.request().postData() ?? '');
    form.set('picture', hostile);
    await route.continue({ postData: form.toString() });
  });
}

function torn(photo: Picture): Picture {
  return { ...photo, buffer: photo.buffer.subarray(0, photo.buffer.length / 2) };
}

interface Try {
  quality: number;
  /** The length of the resulting data URL. */
  characters: number;
}

/** From the next page on, records every JPEG that the page makes of a photo. */
function noteTries(page: Page): Promise<void> {
  return page.addInitScript(() => {
    const tried: Try[] = [];
    Object.assign(window, { tried });
    const { toBlob } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.toBlob = function (take, type, quality) {
      const note = (blob: Blob | null) => {
        const characters = 'data:image/jpeg;base64,'.length + 4 * Math.ceil((blob?.size ?? 0) / 3);
        // The page also makes a small picture to find out whether the canvas can be trusted.
        if (this.width === 512) tried.push({ quality, characters });
        take(blob);
      };
      toBlob.call(this, note, type, quality);
    };
  });
}

function triesOf(page: Page): Promise<Try[]> {
  return page.evaluate(() => (window as unknown as { tried: Try[] }).tried);
}
