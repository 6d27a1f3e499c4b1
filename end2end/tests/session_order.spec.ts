/** The order of requests: no refresh without a session, no sign-in or sign-out during a refresh, and no socket with an expired token. */
import type { Page } from '@playwright/test';
import { accessHasEnded, cookie, forgetAccess } from '../support/cookies';
import { expect, test } from '../support/fixtures';
import type { Visitor } from '../support/visitor';
import { addressFor, own } from '../support/words';

const HASTY = { SNUG_AUTH_ACCESS_TTL_SECONDS: '2', SNUG_AUTH_CONFIRM_SECONDS: '1' } as const;
/** The early refresh is due a second before the token expires, so three seconds after the token arrived. */
const SHORT = { SNUG_AUTH_ACCESS_TTL_SECONDS: '4', SNUG_AUTH_CONFIRM_SECONDS: '1' } as const;
const REFRESH = '/api/auth/refresh';
const SIGN_IN = '/api/auth/verify_code';
const SIGN_OUT = '/api/auth/sign_out';
const SAVE = '/api/profile/activate';

test('the page of a signed-out visitor sends no refresh within ten minutes', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(own('Tea'));
  const link = await mina.readyLink();
  const gus = await someone();
  const sent = watchRequests(gus.page);
  await gus.page.clock.install();
  for (const path of ['/', '/sign-in', link]) {
    await gus.open(path);
    for (let minute = 0; minute < 10; minute++) await gus.page.clock.fastForward('01:00');
    await allSent(gus);
    expect(sent, path).not.toContain(REFRESH);
  }
});

for (const [what, lost] of [
  ['without a session', /./],
  ['without the cookie access-expires', /^access/],
] as const) {
  test(`a page ${what} is refused by an endpoint and sends no refresh`, async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    await ada.open('/settings');
    const sent = watchRequests(ada.page);
    await ada.context.clearCookies({ name: lost });
    const refused = ada.page.waitForResponse((response) => response.url().endsWith('/api/profile/activate'));
    await ada.save('Countess');
    expect((await refused).status()).toBe(401);
    await ada.isAt('/sign-in');
    await allSent(ada);
    expect(sent).not.toContain(REFRESH);
  });
}

test('a sign-in waits for a refresh in its own tab', async ({ startServer, someone }) => {
  const server = await startServer(SHORT);
  const email = addressFor('Ada');
  const ada = await someone({ on: server });
  await ada.open('/sign-in');
  // Sign in without leaving this page, as if another tab had signed in. This page still shows the form, and refreshes the new session.
  await ada.arrive('Ada', { email });
  await ada.askForCode(email);
  const code = await ada.readCode(email);
  const release = await hold(ada.page, `**${REFRESH}`);
  const sent = watchRequests(ada.page);
  await expect.poll(() => sent, { timeout: 10_000 }).toContain(REFRESH);

  await ada.enterCode(code);
  await expect(ada.signInButton).toHaveAttribute('aria-busy', 'true');
  await allSent(ada);
  expect(sent).not.toContain(SIGN_IN);

  release();
  await ada.isAt('/rooms');
  expect(sent.indexOf(SIGN_IN)).toBeGreaterThan(sent.indexOf(`answered ${REFRESH}`));
  expect(sent).toContain(`answered ${REFRESH}`);
  const alive = await server.database.ask('select group_concat(id) from sessions where revoked_at is null');
  expect((await cookie(ada.context, 'refresh'))?.split('.')[2]).toBe(alive);
  expect(await ada.isSignedIn()).toBe(true);
});

test('a sign-in waits for a refresh in another tab, and the next refresh there waits for the sign-in', async ({
  someone,
}) => {
  const email = addressFor('Ada');
  const ada = await (await someone()).arrive('Ada', { email });
  const other = await offersSignInBeside(ada, email);
  const [sent, sentByOther] = [watchRequests(ada.page), watchRequests(other.page)];
  const release = await hold(ada.page, `**${REFRESH}`);
  await forgetAccess(ada.context);
  await ada.save('Countess');
  await expect.poll(() => sent).toContain(REFRESH);

  const releaseSignIn = await hold(other.page, `**${SIGN_IN}`);
  await other.enterCode(await other.readCode(email));
  await expect(other.signInButton).toHaveAttribute('aria-busy', 'true');
  await allSent(other);
  expect(sentByOther).not.toContain(SIGN_IN);
  release();
  await expect(ada.notice(/^Saved/)).toBeVisible();
  await expect.poll(() => sentByOther).toContain(SIGN_IN);

  sent.length = 0;
  await forgetAccess(ada.context);
  await ada.save('Lovelace');
  await expect.poll(() => sent).toContain(`answered ${SAVE}`);
  await allSent(ada);
  expect(sent).not.toContain(REFRESH);
  releaseSignIn();
  await other.isAt('/rooms');
  await expect.poll(() => sent.filter((path) => path === `answered ${SAVE}`).length).toBe(2);
  await other.open('/settings');
  await expect(other.nameBox).toHaveValue('Lovelace');
  expect(await ada.isSignedIn()).toBe(true);
});

test('refreshes in two tabs do not wait for each other', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  const other = await ada.newTab();
  const tabs = [ada, other];
  for (const tab of tabs) await tab.open('/settings');
  const sent = tabs.map((tab) => watchRequests(tab.page));
  const release = await Promise.all(tabs.map((tab) => hold(tab.page, `**${REFRESH}`)));
  await forgetAccess(ada.context);
  for (const [at, tab] of tabs.entries()) {
    await tab.save('Countess');
    await expect.poll(() => sent[at]).toContain(REFRESH);
  }
  for (const one of release) one();
  for (const tab of tabs) await expect(tab.notice(/^Saved/)).toBeVisible();
});

test('a refresh waits for a sign-out in another tab, and is then not sent', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  const other = await ada.newTab();
  for (const tab of [ada, other]) await tab.open('/settings');
  const [sent, sentByOther] = [watchRequests(ada.page), watchRequests(other.page)];
  const release = await hold(other.page, `**${SIGN_OUT}`);
  await other.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect.poll(() => sentByOther).toContain(SIGN_OUT);
  await forgetAccess(ada.context);
  await ada.save('Countess');
  await expect.poll(() => sent).toContain(`answered ${SAVE}`);
  await allSent(ada);
  expect(sent).not.toContain(REFRESH);
  release();
  await ada.isAt('/sign-in');
  expect(sent).not.toContain(REFRESH);
});

test('in a browser without Web Locks, a late answer that refuses to refresh the old session does not end the new session', async ({
  someone,
}) => {
  const email = addressFor('Ada');
  const ada = await someone();
  await ada.context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
  await ada.arrive('Ada', { email });
  const other = await offersSignInBeside(ada, email);
  const cookies = await ada.context.cookies();
  const before = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const sent = watchRequests(ada.page);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route(
    `**${REFRESH}`,
    async (route) => {
      await held;
      const refused = await route.fetch({ headers: { ...route.request().headers(), cookie: before } });
      expect(refused.status()).toBe(401);
      await route.fulfill({ response: refused });
    },
    { times: 1 },
  );
  await forgetAccess(ada.context);
  await ada.save('Countess');
  await expect.poll(() => sent).toContain(REFRESH);
  await other.enterCode(await other.readCode(email));
  await other.isAt('/rooms');

  release();
  await expect(ada.notice(/^Saved/)).toBeVisible();
  await forgetAccess(ada.context);
  await ada.save('Lovelace');
  await expect.poll(() => sent.filter((path) => path === `answered ${REFRESH}`).length).toBe(2);
  await expect(ada.notice(/^Saved/)).toBeVisible();
  expect(await ada.isSignedIn()).toBe(true);
});

test('after a refusal, a tab first tries the token that another tab has got; if that token is refused too, the tab sends a refresh of its own', async ({
  someone,
}) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/settings');
  const sent = watchRequests(ada.page);
  const release = await hold(ada.page, `**${SAVE}`);
  await forgetAccess(ada.context);
  await ada.save('Countess');
  await expect.poll(() => sent).toContain(SAVE);
  // Change the time in the cookie, as if another tab had refreshed in the meantime. The access token is still missing, as if the other
  // tab's token had expired as well.
  const expires = (await ada.context.cookies()).find(({ name }) => name === 'access-expires');
  if (!expires) throw new Error('no session');
  await ada.context.addCookies([{ ...expires, value: String(Number(expires.value) + 1) }]);
  release();
  await expect(ada.notice(/^Saved/)).toBeVisible();
  const answered = sent.filter((path) => [`answered ${SAVE}`, `answered ${REFRESH}`].includes(path));
  expect(answered).toEqual([`answered ${SAVE}`, `answered ${SAVE}`, `answered ${REFRESH}`, `answered ${SAVE}`]);
});

test('if the new token is lost before the page repeats the refused call, the page refreshes again and does not go to sign-in', async ({
  someone,
}) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/settings');
  const sent = watchRequests(ada.page);
  let asked = 0;
  await ada.page.route(`**${SAVE}`, async (route) => {
    asked += 1;
    if (asked <= 2) await forgetAccess(ada.context);
    await route.continue();
  });
  await ada.save('Countess');
  await expect(ada.notice(/^Saved/)).toBeVisible();
  const answered = sent.filter((path) => [`answered ${SAVE}`, `answered ${REFRESH}`].includes(path));
  expect(answered).toEqual([SAVE, REFRESH, SAVE, REFRESH, SAVE].map((endpoint) => `answered ${endpoint}`));
});

for (const what of ['the list', 'a room']) {
  test(`if a page hydrates with an expired access token, it refreshes before it opens the socket of ${what}`, async ({
    startServer,
    someone,
  }) => {
    const server = await startServer(HASTY);
    const ada = await (await someone({ on: server })).arrive('Ada');
    const path = what === 'a room' ? await ada.openRoom(own('Tea')) : '/rooms';
    await ada.open('/');
    const wake = await hold(ada.page, '**/*.wasm');
    await ada.page.goto(path, { waitUntil: 'commit' });
    await accessHasEnded(ada.context);
    const firsts = watchFirsts(ada.page);
    wake();
    await ada.hydrated();
    await expect.poll(() => firsts).toContain('message received');
    expect(firsts).toEqual(['refreshed', 'socket opened', 'message received']);
  });
}

/** Opens another tab beside `first`. The new tab shows the sign-in form and has asked for a code, while `first` shows the settings. */
async function offersSignInBeside(first: Visitor, email: string): Promise<Visitor> {
  const other = await first.newTab();
  // The new tab loads without the cookies of the session, as if the first tab had signed in only after that.
  const session = (await first.context.cookies()).filter(({ name }) => /^(access|refresh)/.test(name));
  await first.context.clearCookies({ name: /^(access|refresh)/ });
  await other.open('/sign-in');
  await other.askForCode(email);
  await first.context.addCookies(session);
  await first.open('/settings');
  return other;
}

/** Holds requests to `address` until the returned function is called. */
async function hold(page: Page, address: string): Promise<() => void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(address, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

/** Records the paths of a page's requests from now on, and "answered …" for each answer. */
function watchRequests(page: Page): string[] {
  const seen: string[] = [];
  page.on('request', (request) => seen.push(new URL(request.url()).pathname));
  page.on('response', (response) => seen.push(`answered ${new URL(response.url()).pathname}`));
  return seen;
}

/** Sends a request and waits for its answer, so that all earlier requests of the page have been recorded. */
async function allSent(visitor: Visitor): Promise<void> {
  await visitor.page.evaluate(() => fetch('/healthz').then((answer) => answer.text()));
}

/** Records, in order, the first refresh, the first socket, its first message, and its first failure. */
function watchFirsts(page: Page): string[] {
  const seen: string[] = [];
  const note = (what: string) => seen.includes(what) || seen.push(what);
  page.on('response', (response) => {
    if (new URL(response.url()).pathname === REFRESH) note(response.ok() ? 'refreshed' : 'not refreshed');
  });
  page.on('websocket', (socket) => {
    note('socket opened');
    socket.on('framereceived', () => note('message received'));
    socket.on('socketerror', () => note('socket refused'));
  });
  return seen;
}
