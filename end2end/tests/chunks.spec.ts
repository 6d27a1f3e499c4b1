/** The chunks of the program: each page loads only what it needs, and a chunk that does not come is no dead page. */
import type { Locator, Page, Route } from '@playwright/test';
import { chunkFile, hasLookedAhead, namesOfNext, openOldBuild, watchWasm } from '../support/chunks';
import { expect, test, type Someone } from '../support/fixtures';
import { SERVER_AWAY } from '../support/troubles';
import type { Visitor } from '../support/visitor';
import { addressFor, own } from '../support/words';

const READY_MS = 15_000;
/** How many WebAssembly files a page loads at most. */
const FILES_MAX = 6;

const block = (route: Route) => route.abort();
const remove = (route: Route) => route.fulfill({ status: 404, body: '' });

/** The same person in a browser that has no files yet. */
async function afresh(someone: Someone, visitor: Visitor): Promise<Visitor> {
  const fresh = await someone();
  await fresh.context.addCookies(await visitor.context.cookies());
  return fresh;
}

function bar(visitor: Visitor): Locator {
  return visitor.page.getByRole('complementary', { name: 'Your call' });
}

function settingsLink(visitor: Visitor): Locator {
  return visitor.page.getByRole('link', { name: /^Settings of/ });
}

function loadAgain(visitor: Visitor): Locator {
  return visitor.page.getByRole('link', { name: 'Load the page again' });
}

async function isHydrated(page: Page): Promise<void> {
  await expect(page.locator('body')).toHaveAttribute('data-hydrated', '', { timeout: READY_MS });
}

/** Holds a chunk back until `release` is called. */
async function hold(page: Page, chunk: string): Promise<{ release: () => void }> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(chunkFile(chunk), async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  return { release };
}

test('the first load of a page has its own chunk and no other, each file once', async ({ someone }) => {
  test.slow();
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  const invitation = await mina.readyLink();
  const newcomer = await someone();
  await newcomer.signIn(addressFor('Ada'));
  for (const [visitor, path, chunk] of [
    [await someone(), '/sign-in', 'sign_in'],
    [await someone(), invitation, 'invitation'],
    [await afresh(someone, newcomer), '/activate', 'profile'],
    [await afresh(someone, mina), '/settings', 'profile'],
    [await afresh(someone, mina), '/connection', 'connection'],
    [await afresh(someone, mina), '/rooms', 'rooms'],
    [await afresh(someone, mina), room, 'room'],
  ] as const) {
    const files = watchWasm(visitor.page);
    await visitor.open(path);
    const next = await namesOfNext(visitor.page);
    const loaded = files.filter((file) => !next.includes(file)).sort();
    expect(loaded, `${path} loads no file twice`).toEqual([...new Set(loaded)]);
    expect(loaded, path).toContain('snug');
    expect(loaded.filter((file) => /^snug_(?!chunk_)/.test(file)), path).toEqual([`snug_${chunk}`]);
    expect(loaded.length, `${path}: ${loaded}`).toBeLessThanOrEqual(FILES_MAX);
  }
});

test.describe('the files of a room', () => {
  test('come ahead on the list of rooms, and the room takes them from the browser', async ({ someone }) => {
    const mina = await (await someone()).arrive('Mina');
    const topic = own('Tea');
    await mina.openRoom(topic);
    const ada = await afresh(someone, await (await someone()).arrive('Ada'));
    await ada.open('/rooms');
    expect(await namesOfNext(ada.page)).toContain('snug_room');
    /** The bytes that each load of the room's own file has taken from the network. */
    const loads = () =>
      ada.page.evaluate(() => {
        const all = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
        return all.filter(({ name }) => name.includes('/pkg/snug_room.')).map(({ transferSize }) => transferSize);
      });
    await expect.poll(async () => (await loads()).length, { timeout: READY_MS }).toBe(1);
    await ada.enterByCard(topic);
    const [ahead, later] = await loads();
    expect(ahead).toBeGreaterThan(0);
    expect(later, 'the browser has kept the file').toBe(0);
  });

  test('do not come ahead if the browser is to save data', async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    await ada.page.addInitScript(`Object.defineProperty(navigator.connection, 'saveData', { value: true })`);
    const files = watchWasm(ada.page);
    await ada.open('/rooms');
    await hasLookedAhead(ada.page);
    expect(files).toContain('snug_rooms');
    expect(files).not.toContain('snug_room');
  });
});

test.describe('at the start of a page', () => {
  for (const [fault, answer] of [
    ['blocked', block],
    ['gone', remove],
  ] as const) {
    test(`a chunk that is ${fault} is tried twice, and then the page says what to do`, async ({ someone }) => {
      const ada = await (await someone()).arrive('Ada');
      ada.troubles.allow(/ERR_FAILED|preload/);
      await ada.page.route(chunkFile('rooms'), answer);
      await ada.page.goto('/rooms');
      await expect(ada.notice(/did not load/)).toBeVisible({ timeout: READY_MS });
      await expect(ada.openRoomButton).toBeVisible();
      await ada.page.unroute(chunkFile('rooms'));
      await loadAgain(ada).click();
      await isHydrated(ada.page);
      await expect(ada.notice(/did not load/)).toHaveCount(0);
    });
  }

  test('one lost request is made again', async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    ada.troubles.allow(/ERR_FAILED|preload/);
    let lost = 0;
    await ada.page.route(chunkFile('rooms'), (route) => (lost++ < 2 ? route.abort() : route.continue()));
    await ada.page.goto('/rooms');
    await isHydrated(ada.page);
    await expect(ada.notice(/did not load/)).toHaveCount(0);
  });

  test('a late chunk keeps presses until it comes', async ({ someone }) => {
    const mina = await (await someone()).arrive('Mina');
    const room = await mina.openRoom(own('Tea'));
    const ada = await (await someone()).arrive('Ada');
    const chunk = await hold(ada.page, 'room');
    await ada.page.goto(room, { waitUntil: 'commit' });
    await ada.joinButton.click();
    await expect(ada.notice(/Starting/)).toBeVisible();
    chunk.release();
    await ada.isInside();
  });

  test('after an upgrade, the page starts with the chunks of the new build', async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    ada.troubles.allow(/preload/);
    await openOldBuild(ada.page);
    await ada.page.goto('/rooms');
    await expect(ada.page.locator('body')).toHaveAttribute('data-hydrated', 'mounted', { timeout: READY_MS });
    await ada.openRoomButton.click();
    await expect(ada.topicBox).toBeVisible();
    await expect(ada.notice(/did not load/)).toHaveCount(0);
  });
});

test.describe('on the way to another page', () => {
  for (const [fault, answer] of [
    ['blocked', block],
    ['gone', remove],
  ] as const) {
    test(`a chunk that is ${fault} ends no call, and may come later`, async ({ someone }) => {
      const ada = await (await someone()).arrive('Ada');
      ada.troubles.allow(/ERR_FAILED/);
      const topic = own('Tea');
      const room = await ada.openRoom(topic);
      await ada.roomsLink.click();
      await ada.isAt('/rooms');
      await ada.page.route(chunkFile('profile'), answer);
      await settingsLink(ada).click();
      await expect(ada.heading('This page did not load.')).toBeVisible();
      await expect(ada.main).toContainText('That ends your call in this tab.');
      await expect(loadAgain(ada)).toHaveAttribute('href', '/settings');
      await bar(ada).getByRole('link').click();
      await ada.isAt(room);
      await ada.isInside();

      await ada.page.unroute(chunkFile('profile'));
      await ada.roomsLink.click();
      await ada.isAt('/rooms');
      await ada.goToSettings();
      await expect(bar(ada)).toContainText(topic);
    });
  }

  test('a link loads the page from the server', async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    await ada.open('/rooms');
    await ada.page.route(chunkFile('profile'), remove);
    await settingsLink(ada).click();
    await expect(ada.heading('This page did not load.')).toBeVisible();
    await expect(ada.main).not.toContainText('your call');
    await ada.page.unroute(chunkFile('profile'));
    await loadAgain(ada).click();
    await ada.isAt('/settings');
    await expect(ada.nameBox).toHaveValue('Ada');
  });

  test('while the server is away, the page before stays, and the next one comes by itself', async ({ startServer, someone }) => {
    const server = await startServer();
    const ada = await (await someone({ on: server })).arrive('Ada');
    ada.troubles.allow(SERVER_AWAY);
    await ada.open('/rooms');
    await hasLookedAhead(ada.page);
    await server.restart('SIGTERM', async () => {
      await settingsLink(ada).click();
      await expect(ada.awayBanner).toBeVisible();
      await expect(ada.openRoomButton).toBeVisible();
    });
    await expect(ada.heading('Settings')).toBeVisible({ timeout: READY_MS });
    await expect(ada.nameBox).toHaveValue('Ada');
  });

  test('a late chunk is announced, and the page before stays until it comes', async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    await ada.open('/rooms');
    const chunk = await hold(ada.page, 'profile');
    await settingsLink(ada).click();
    await expect(ada.page.locator('.toasts').getByText('The page has not arrived yet.')).toBeVisible({ timeout: READY_MS });
    await expect(ada.openRoomButton).toBeVisible();
    chunk.release();
    await expect(ada.heading('Settings')).toBeVisible();
    await expect(ada.nameBox).toHaveValue('Ada');
  });
});

test('a call goes on through all pages of the program, and Back and Forward', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const topic = own('Tea');
  const room = await mina.openRoom(topic);
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/rooms');
  await ada.enterByCard(topic);
  await ada.isInside();
  // The mark is gone if a page is loaded from the server.
  await ada.page.evaluate(() => document.documentElement.setAttribute('data-same-document', ''));
  await ada.roomsLink.click();
  await ada.isAt('/rooms');
  await expect(bar(ada)).toContainText(topic);
  await ada.goToSettings();
  await expect(bar(ada)).toContainText(topic);
  await ada.page.goBack();
  await expect(ada.heading('Rooms')).toBeVisible();
  await ada.page.goForward();
  await expect(ada.heading('Settings')).toBeVisible();
  await ada.goToRooms();
  await bar(ada).getByRole('link').click();
  await ada.isAt(room);
  await expect(bar(ada)).toHaveCount(0);
  await ada.unmute();
  await expect(mina.participant('Ada')).toHaveAttribute('data-muted', 'false');
  await ada.roomsLink.click();
  await ada.isAt('/rooms');
  await ada.mute();
  await expect(mina.participant('Ada')).toHaveAttribute('data-muted', 'true');
  await bar(ada).getByRole('button', { name: 'Leave' }).click();
  await expect(bar(ada)).toHaveCount(0);
  await expect(mina.participant('Ada')).toHaveCount(0);
  await expect(ada.page.locator('html')).toHaveAttribute('data-same-document', '');
});
