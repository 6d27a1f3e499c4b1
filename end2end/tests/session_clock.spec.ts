/** When pages refresh their session: before the access token expires, by the server's time and not by their own clock. Other tabs learn of it. */
import type { Request } from '@playwright/test';
import { accessHasEnded, cookie, forgetAccess } from '../support/cookies';
import { expect, test } from '../support/fixtures';
import { SERVER_AWAY } from '../support/troubles';
import type { Visitor } from '../support/visitor';

/** The early refresh is due a second before the token expires, so three seconds after the token arrived. */
const SHORT = { SNUG_AUTH_ACCESS_TTL_SECONDS: '4', SNUG_AUTH_CONFIRM_SECONDS: '1' } as const;
/** The same two settings, each five times as long. Here the refresh is due five seconds early, so that even a busy machine is in time. */
const MEASURED = { SNUG_AUTH_ACCESS_TTL_SECONDS: '20', SNUG_AUTH_CONFIRM_SECONDS: '5' } as const;
const DUE_MS = 15_000;
const HOUR_MS = 3_600_000;

for (const { clock, offMs } of [
  { clock: 'right', offMs: 0 },
  { clock: 'an hour fast', offMs: HOUR_MS },
  { clock: 'an hour slow', offMs: -HOUR_MS },
]) {
  test(`a browser whose clock is ${clock} refreshes a quarter of the token's lifetime before each expiry`, async ({
    startServer,
    someone,
  }) => {
    test.setTimeout(120_000);
    const server = await startServer(MEASURED);
    const ada = await (await someone({ on: server })).arrive('Ada');
    await setClockOff(ada, offMs);
    const refreshes = await watchRefreshes(ada);
    await ada.open('/settings');
    if (offMs < 0) {
      // By the slow clock the first token is valid for another hour. The next call finds out that the token has expired.
      ada.troubles.allow(SERVER_AWAY);
      await accessHasEnded(ada.context);
      await ada.goToRooms();
    }
    await expect.poll(() => refreshes.length, { timeout: 80_000 }).toBeGreaterThanOrEqual(3);
    const [, ...early] = refreshes;
    for (const [at, { sentMs, hadAccess }] of early.entries()) {
      expect(hadAccess, 'the access token was still valid').toBe(true);
      const sinceMs = sentMs - refreshes[at].sentMs;
      expect(sinceMs).toBeGreaterThan(DUE_MS - 100);
      expect(sinceMs).toBeLessThan(DUE_MS + 4_900);
    }
    expect(await ada.isSignedIn()).toBe(true);
  });
}

test('a refresh in one tab tells the others how long the new token lives', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/settings');
  const other = await ada.newTab();
  await other.open('/rooms');
  const told = other.page.evaluate(
    () => new Promise((resolve) => (new BroadcastChannel('snug-session').onmessage = (event) => resolve(event.data))),
  );
  await forgetAccess(ada.context);
  await ada.save('Countess');
  expect(await told).toBe('refreshed 600');
});

test('a tab that sees that another tab has refreshed only repeats its call', async ({ startServer, someone }) => {
  const server = await startServer(SHORT);
  const ada = await (await someone({ on: server })).arrive('Ada');
  await ada.open('/settings');
  await ada.save('Countess');
  await expect(ada.notice(/^Saved/)).toBeVisible();
  // Each of the two tabs has its own timer. The timer that ends later finds the new cookie and has nothing to do.
  const other = await ada.newTab();
  await other.open('/settings');
  const counts = [await watchRefreshes(ada), await watchRefreshes(other)];
  const first = await cookie(ada.context, 'refresh');
  await expect.poll(() => cookie(ada.context, 'refresh'), { timeout: 10_000 }).not.toBe(first);
  const second = await cookie(ada.context, 'refresh');
  await expect.poll(() => cookie(ada.context, 'refresh'), { timeout: 10_000 }).not.toBe(second);
  expect(counts.flat().length).toBeLessThanOrEqual(3);
});

/** Makes the clock that scripts read wrong by `offMs`. The browser itself still expires cookies by the right time. */
async function setClockOff(visitor: Visitor, offMs: number): Promise<void> {
  await visitor.page.addInitScript((offMs) => {
    const right = Date.now.bind(Date);
    Date.now = () => right() + offMs;
  }, offMs);
}

interface Refresh {
  sentMs: number;
  hadAccess: boolean;
}

async function watchRefreshes(visitor: Visitor): Promise<Refresh[]> {
  const seen: Refresh[] = [];
  visitor.page.on('request', async (request: Request) => {
    if (new URL(request.url()).pathname !== '/api/auth/refresh') return;
    const refresh = { sentMs: performance.now(), hadAccess: false };
    seen.push(refresh);
    refresh.hadAccess = /(^|; )access=/.test((await request.allHeaders()).cookie ?? '');
  });
  return seen;
}
