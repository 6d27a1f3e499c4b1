/** A server that can't answer signs nobody out: the page says so, keeps its data, and continues by itself. */
import type { Page, Response, Route } from '@playwright/test';
import { accessHasEnded, cookie, forgetAccess } from '../support/cookies';
import { expect, test } from '../support/fixtures';
import { own } from '../support/words';

const HASTY = { SNUG_AUTH_ACCESS_TTL_SECONDS: '2', SNUG_AUTH_CONFIRM_SECONDS: '1' } as const;
const REFRESH = '**/api/auth/refresh';
/** The browser reports each 503 and each request without an answer. */
const EXPECTED = /status of 503|ERR_CONNECTION_REFUSED|WebSocket connection to/;
const LOCKED_MS = 10_000;

test('while the database is locked for ten seconds there is a 503 and a banner, and nothing is lost', async ({ startServer, someone }) => {
  test.setTimeout(60_000);
  const server = await startServer(HASTY);
  const ada = await (await someone({ on: server })).arrive('Ada');
  ada.troubles.allow(EXPECTED);
  await ada.open('/settings');
  const lock = await server.database.lock();

  const refused = await ada.page.waitForResponse((response) => response.status() === 503);
  await saysWhen(refused);
  await expect(ada.awayBanner).toBeVisible();
  await accessHasEnded(ada.context);
  await ada.save('Countess');

  const other = await ada.newTab();
  const busy = await other.open('/rooms');
  expect(busy.status()).toBe(503);
  await saysWhen(busy);
  await expect(other.heading('One moment.')).toBeVisible();

  await expect.poll(() => lock.heldMs, { timeout: LOCKED_MS * 2 }).toBeGreaterThan(LOCKED_MS);
  await expect(ada.awayBanner).toBeVisible();
  expect([ada.path, other.path]).toEqual(['/settings', '/rooms']);
  await lock.release();

  await expect(ada.notice(/^Saved/)).toBeVisible({ timeout: 15_000 });
  await expect(ada.awayBanner).toHaveCount(0);
  await expect(other.heading('Rooms')).toBeVisible({ timeout: 15_000 });
  expect((await ada.me()).name).toBe('Countess');
  expect(ada.path).toBe('/settings');
});

for (const { how, banner, fail } of [
  { how: '503', banner: /can't reach its data/, fail: answerUnavailable },
  { how: 'no answer', banner: /isn't answering/, fail: (route: Route) => route.abort('connectionrefused') },
]) {
  test(`a refresh that gets ${how} is repeated after 1, 2 and 4 seconds, and the page stays open`, async ({
    startServer,
    someone,
  }) => {
    test.slow();
    const server = await startServer(HASTY);
    const ada = await (await someone({ on: server })).arrive('Ada');
    ada.troubles.allow(EXPECTED);
    await ada.page.route(REFRESH, fail);
    await ada.page.route('**/healthz', fail);
    const tries = timesOf(ada.page, '/api/auth/refresh');
    await ada.open('/settings');
    await expect(ada.awayBanner).toHaveText(banner, { timeout: 10_000 });
    await expect.poll(() => tries.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(4);
    const pauses = tries.slice(1, 4).map((at, index) => at - tries[index]);
    [1_000, 2_000, 4_000].forEach((least, at) => expect(pauses[at]).toBeGreaterThan(least - 50));
    expect(ada.path).toBe('/settings');
    await expect(ada.nameBox).toHaveValue('Ada');

    await ada.page.unrouteAll();
    await ada.save('Countess');
    await expect(ada.notice(/^Saved/)).toBeVisible();
    await expect(ada.awayBanner).toHaveCount(0, { timeout: 20_000 });
  });
}

test('a request that gets a 503 is repeated and carried out once', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  ada.troubles.allow(EXPECTED);
  await ada.open('/rooms');
  await ada.page.route('**/api/rooms/open', answerUnavailable);
  const topic = own('Tea');
  await ada.openRoomButton.click();
  await ada.topicBox.fill(topic);
  await ada.page.getByRole('button', { name: 'Start' }).click();
  await expect(ada.awayBanner).toBeVisible();
  await ada.page.unrouteAll();
  await ada.isAt(/^\/rooms\/.+/);
  await expect(ada.awayBanner).toHaveCount(0);
  expect(await ada.server.database.ask(`select count(*) from rooms where topic = '${topic}'`)).toBe('1');
});

test('a call whose refresh gets no answer does not lead to the sign-in page', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  ada.troubles.allow(EXPECTED);
  await ada.open('/settings');
  await ada.page.route(REFRESH, (route) => route.abort('connectionrefused'));
  await forgetAccess(ada.context);
  await ada.save('Countess');
  await expect(ada.notice(/can't be reached/)).toBeVisible();
  expect(ada.path).toBe('/settings');
  expect(await cookie(ada.context, 'refresh')).toBeTruthy();
  await ada.page.unrouteAll();
  await ada.save('Countess');
  await expect(ada.notice(/^Saved/)).toBeVisible();
});

/** Answers like the server when it is unavailable. */
async function answerUnavailable(route: Route): Promise<void> {
  const json = { kind: 'unavailable', detail: 'Nothing is lost; try again in a moment.', retry_after_s: 2 };
  await route.fulfill({ status: 503, headers: { 'retry-after': '2', serverfnerror: '1' }, json });
}

async function saysWhen(response: Response): Promise<void> {
  expect(Number(await response.headerValue('retry-after'))).toBeGreaterThan(0);
  expect(await response.headerValue('set-cookie')).toBeNull();
}

function timesOf(page: Page, endpoint: string): number[] {
  const times: number[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === endpoint) times.push(performance.now());
  });
  return times;
}
