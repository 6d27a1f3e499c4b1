/** Sessions: people stay signed in until they sign out, and signing out takes effect at once. */
import type { Page } from '@playwright/test';
import { accessHasEnded, cookie, forgetAccess } from '../support/cookies';
import { expect, test } from '../support/fixtures';
import { SERVER_AWAY } from '../support/troubles';
import { addressFor, own } from '../support/words';

/** The shortest lifetimes that the configuration allows, so that tokens expire during the test. */
const HASTY = { SNUG_AUTH_ACCESS_TTL_SECONDS: '2', SNUG_AUTH_CONFIRM_SECONDS: '1' } as const;
/** Longer lifetimes: rotation assumes that answers take less than `confirm_seconds`, and a restart delays answers. */
const BRISK = { SNUG_AUTH_ACCESS_TTL_SECONDS: '6', SNUG_AUTH_CONFIRM_SECONDS: '3' } as const;

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`five tabs stay signed in when the server restarts after ${signal}`, async ({ startServer, someone }) => {
    test.slow();
    const server = await startServer(BRISK);
    const ada = await (await someone({ on: server })).arrive('Ada');
    ada.troubles.allow(SERVER_AWAY);
    const room = await ada.openRoom(own('Tea'));
    await expect(ada.participant('Ada')).toBeVisible();
    const tabs = [ada];
    for (const path of ['/rooms', room, '/settings', '/rooms']) {
      const tab = await ada.newTab();
      await tab.open(path);
      tabs.push(tab);
    }
    const addresses = tabs.map((tab) => tab.page.url());

    await server.restart(signal);

    // The tabs in the room reconnect by themselves: Mina sees Ada before Ada does anything.
    const mina = await (await someone({ on: server })).arrive('Mina');
    await mina.enter(room);
    await expect(mina.participant('Ada')).toBeVisible({ timeout: 15_000 });
    // Then the tabs' access token is gone, and all five reload at once.
    await forgetAccess(ada.context);
    await Promise.all(tabs.map((tab) => tab.reload()));
    expect(tabs.map((tab) => tab.page.url())).toEqual(addresses);
    expect(await ada.isSignedIn()).toBe(true);
    await ada.isInside();
    await expect(ada.participant('Ada')).toBeVisible();
  });
}

test('after many rotations all tabs are still signed in', async ({ startServer, someone }) => {
  const server = await startServer(HASTY);
  const ada = await (await someone({ on: server })).arrive('Ada');
  await ada.open('/rooms');
  const other = await ada.newTab();
  await other.open('/settings');
  const first = await cookie(ada.context, 'refresh');
  await expect.poll(() => cookie(ada.context, 'refresh'), { timeout: 15_000 }).not.toBe(first);
  const second = await cookie(ada.context, 'refresh');
  await expect.poll(() => cookie(ada.context, 'refresh'), { timeout: 15_000 }).not.toBe(second);
  await Promise.all([ada.reload(), other.reload()]);
  expect([ada.path, other.path]).toEqual(['/rooms', '/settings']);
});

test('a sign-out waits for a refresh, so that the late answer does not sign the person in again', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/settings');
  const sent: string[] = [];
  ada.page.on('request', (request) => sent.push(new URL(request.url()).pathname));
  ada.page.on('response', (response) => sent.push(`answered ${new URL(response.url()).pathname}`));
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route('**/api/auth/refresh', async (route) => {
    await held;
    await route.continue();
  });
  await forgetAccess(ada.context);
  await ada.save('Countess');
  await expect.poll(() => sent).toContain('/api/auth/refresh');
  await ada.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  release();
  await expect.poll(() => sent).toContain('/api/auth/sign_out');
  expect(sent.indexOf('/api/auth/sign_out')).toBeGreaterThan(sent.indexOf('answered /api/auth/refresh'));
  expect(sent).toContain('answered /api/auth/refresh');
  await expect.poll(() => cookie(ada.context, 'refresh')).toBeUndefined();
  expect(await ada.isSignedIn()).toBe(false);
});

test('the page renews an expired access token with one refresh, and repeats the call', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/settings');
  const refreshes = countRefreshes(ada.page);
  await forgetAccess(ada.context);
  await ada.nameBox.fill('Countess');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await ada.me()).name).toBe('Countess');
  expect(ada.path).toBe('/settings');
  expect(refreshes.count).toBe(1);
});

test('calls that find the access token expired at the same time share one refresh', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  // The socket of the list is refused until the refresh is done.
  ada.troubles.allow(/WebSocket connection to/);
  await ada.open('/settings');
  const refreshes = countRefreshes(ada.page);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route('**/api/auth/refresh', async (route) => {
    await held;
    await route.continue();
  });
  const refused = (endpoint: string) =>
    ada.page.waitForResponse((response) => response.url().includes(endpoint) && response.status() === 401);

  await forgetAccess(ada.context);
  await ada.nameBox.fill('Countess');
  await Promise.all([refused('/api/profile/activate'), ada.page.getByRole('button', { name: 'Save' }).click()]);
  await Promise.all([
    refused('/api/rooms/search'),
    ada.page
      .getByRole('link', { name: /rooms|snug/i })
      .first()
      .click(),
  ]);
  release();

  await ada.isAt('/rooms');
  await expect(ada.heading('Rooms')).toBeVisible();
  await expect.poll(async () => (await ada.me()).name).toBe('Countess');
  expect(refreshes.count).toBe(1);
});

test('the server renews an expired access token when it renders a page', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/settings');
  const refreshes = countRefreshes(ada.page);
  await forgetAccess(ada.context);
  await ada.reload();
  expect(ada.path).toBe('/settings');
  await expect(ada.nameBox).toHaveValue('Ada');
  expect(await cookie(ada.context, 'access')).toBeTruthy();
  expect(refreshes.count).toBe(0);
});

test('scripts can read only the time at which the access token expires', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/rooms');
  const readable = await ada.page.evaluate(() => document.cookie.split('; ').map((cookie) => cookie.split('=')[0]));
  expect(readable).toEqual(['access-expires']);
  const cookies = await ada.context.cookies();
  for (const name of ['access', 'refresh']) {
    expect(cookies.find((cookie) => cookie.name === name)).toMatchObject({
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
    });
  }
});

test('after signing out, the access token is refused at once', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  const other = await ada.newTab();
  await other.open('/rooms');
  const stolen = (await ada.context.cookies()).filter((cookie) => cookie.name === 'access');
  const thief = await someone();
  await thief.context.addCookies(stolen);
  expect(await thief.isSignedIn()).toBe(true);

  await ada.signOut();
  await ada.isAt('/sign-in');

  expect(await thief.isSignedIn()).toBe(false);
  expect((await ada.context.cookies()).map((cookie) => cookie.name)).not.toContain('refresh');
  await other.page.reload();
  await other.isAt('/sign-in');
});

test('signing out in one tab removes the person from the room in another', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  const tom = await (await someone()).arrive('Tom');
  await tom.enter(room);
  await expect(mina.participant('Tom')).toBeVisible();
  await (await tom.newTab()).signOut();
  await expect(mina.participant('Tom')).toHaveCount(0);
});

test('several refreshes at once all succeed with one successor', async ({ startServer, someone }) => {
  const server = await startServer(HASTY);
  const ada = await (await someone({ on: server })).arrive('Ada');
  const cookies = (await ada.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  await accessHasEnded(ada.context);
  const headers = { ...ada.ours, cookie: cookies };
  const refresh = () => fetch(`${server.url}/api/auth/refresh`, { method: 'POST', headers });
  const answers = await Promise.all([refresh(), refresh(), refresh(), refresh()]);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
  const successors = answers.flatMap((answer) =>
    answer.headers.getSetCookie().filter((set) => set.startsWith('refresh=')),
  );
  expect(new Set(successors.map((set) => set.split(';')[0])).size).toBe(1);
});

test('two devices stay signed in', async ({ startServer, someone }) => {
  const server = await startServer(HASTY);
  const email = addressFor('Ada');
  const phone = await (await someone({ on: server })).arrive('Ada', { email });
  const laptop = await (await someone({ on: server })).arrive('Ada', { email });
  expect((await laptop.me()).id).toBe((await phone.me()).id);
  await accessHasEnded(phone.context);
  await phone.callEndpoint('auth/refresh');
  await laptop.callEndpoint('auth/refresh');
  expect(await phone.isSignedIn()).toBe(true);
  expect(await laptop.isSignedIn()).toBe(true);
});

function countRefreshes(page: Page): { count: number } {
  const seen = { count: 0 };
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/auth/refresh') seen.count += 1;
  });
  return seen;
}
