/** The start of the program: without WebAssembly, after errors, while people press, and in documents that others edit. */
import type { Locator, Page } from '@playwright/test';
import { decorate, fillForms, holdProgram, removeComments, translate, whenParsed } from '../support/document_edits';
import { expect, test } from '../support/fixtures';
import { addressFor, own } from '../support/words';

const READY_MS = 15_000;
/** The event "load" waits for the program, so a test that holds the program back does not wait for it. */
const EARLY = { waitUntil: 'commit' } as const;

/** The body once the program runs: on the elements of the server, or on elements that it made again. */
async function starts(page: Page, how: 'hydrated' | 'mounted'): Promise<void> {
  const body = page.locator('body');
  await expect(body).toHaveAttribute('data-hydrated', how === 'mounted' ? 'mounted' : '', { timeout: READY_MS });
}

/** Counts the requests to an endpoint. */
function countPosts(page: Page, endpoint: string): () => number {
  let posts = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith(endpoint)) posts += 1;
  });
  return () => posts;
}

function link(page: Page): Locator {
  return page.getByRole('link', { name: 'Load the page again' });
}

test('the program runs on the elements that the server sent', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  const invitation = await mina.readyLink();
  const ada = await someone();
  for (const path of ['/sign-in', invitation]) {
    await ada.page.goto(path);
    await starts(ada.page, 'hydrated');
  }
  await ada.signIn(addressFor('Ada'));
  await ada.page.goto('/activate');
  await starts(ada.page, 'hydrated');
  await ada.comeIn('Ada');
  for (const path of ['/rooms', '/settings', '/connection', room, invitation, '/rooms?q=tea', '/rooms/abcdefghij']) {
    await ada.page.goto(path);
    await starts(ada.page, 'hydrated');
  }
});

test.describe('if the program can not run', () => {
  test('without WebAssembly, a sentence says why, Join names it, and forms work', async ({ someone }) => {
    const mina = await (await someone()).arrive('Mina');
    const room = await mina.openRoom(own('Tea'));
    const ada = await someone();
    await ada.page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebAssembly'));
    const email = addressFor('Ada');
    await ada.page.goto(room);
    await ada.email.fill(email);
    await ada.page.getByRole('button', { name: 'Send code' }).click();
    await ada.code.fill(await ada.readCode(email));
    await ada.signInButton.click();
    await ada.page.waitForURL(/activate/);
    await ada.nameBox.fill('Ada');
    await ada.comeInButton.click();
    await ada.page.waitForURL((url) => url.pathname === room);

    await expect(ada.notice(/blocks WebAssembly/)).toBeVisible();
    await expect(ada.joinButton).toBeDisabled();
    await expect(ada.joinButton).toHaveAccessibleDescription(/blocks WebAssembly/);
    await expect(ada.participant('Mina')).toBeVisible();
    await ada.roomsLink.click();
    await ada.openRoomButton.click();
    await ada.topicBox.fill(own('Soup'));
    await ada.page.getByRole('button', { name: 'Start' }).click();
    await ada.page.waitForURL(/\/rooms\/.+/);
  });

  for (const [fault, files, status] of [
    ['is blocked', '**/*.wasm', 0],
    ['is gone', '**/*.wasm', 404],
    ['has lost its script', '**/pkg/*.js', 404],
  ] as const) {
    test(`a program that ${fault} is tried twice, and then the page says what to do`, async ({ someone }) => {
      const ada = await (await someone()).arrive('Ada');
      ada.troubles.allow(/ERR_FAILED|preload/);
      await ada.page.route(files, (route) => (status ? route.fulfill({ status, body: '' }) : route.abort()));
      await ada.page.goto('/rooms');
      await expect(ada.notice(/did not load/)).toBeVisible({ timeout: READY_MS });
      await ada.page.unroute(files);
      await link(ada.page).click();
      await starts(ada.page, 'hydrated');
      await expect(ada.notice(/did not load/)).toHaveCount(0);
    });
  }

  test('a program that has not come after 20 seconds is missed, and may still come', async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    const program = await holdProgram(ada.page);
    await ada.page.clock.install();
    await ada.page.goto('/rooms', EARLY);
    await expect(ada.openRoomButton).toBeVisible();
    await ada.page.clock.fastForward(21_000);
    await expect(ada.notice(/has not arrived yet/)).toBeVisible();
    program.release();
    await starts(ada.page, 'hydrated');
    await expect(ada.notice(/has not arrived yet/)).toHaveCount(0);
  });

  test('one lost request is made again', async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    ada.troubles.allow(/ERR_FAILED|preload/);
    let lost = 0;
    await ada.page.route('**/*.wasm', (route) => (lost++ ? route.continue() : route.abort()));
    await ada.page.goto('/rooms');
    await starts(ada.page, 'hydrated');
    await expect(ada.notice(/did not load/)).toHaveCount(0);
  });
});

test.describe('while the program loads', () => {
  test('Send code and Sign in are sent once, by the form', async ({ someone }) => {
    const ada = await someone();
    const [asked, signedIn] = [countPosts(ada.page, '/auth/request_code'), countPosts(ada.page, '/auth/verify_code')];
    await holdProgram(ada.page);
    await ada.page.goto('/sign-in', EARLY);
    const email = addressFor('Ada');
    await ada.email.fill(email);
    await ada.page.getByRole('button', { name: 'Send code' }).dblclick();
    await ada.code.fill(await ada.readCode(email));
    await ada.signInButton.click();
    await ada.page.waitForURL(/activate/, EARLY);
    expect([asked(), signedIn()]).toEqual([1, 1]);
  });

  test('a form that is on its way is not sent again when the program starts', async ({ someone }) => {
    const ada = await someone();
    const asked = countPosts(ada.page, '/auth/request_code');
    const program = await holdProgram(ada.page);
    await ada.page.route('**/auth/request_code', async (route) => {
      program.release();
      await ada.page.waitForTimeout(500);
      await route.continue();
    });
    await ada.page.goto('/sign-in', EARLY);
    await ada.email.fill(addressFor('Ada'));
    await ada.page.getByRole('button', { name: 'Send code' }).click();
    await expect(ada.code).toBeVisible();
    expect(asked()).toBe(1);
  });

  test('six digits that were typed too early are sent once', async ({ someone }) => {
    const ada = await someone();
    const email = addressFor('Ada');
    await ada.open('/sign-in');
    await ada.askForCode(email);
    const signedIn = countPosts(ada.page, '/auth/verify_code');
    const program = await holdProgram(ada.page);
    await ada.page.reload(EARLY);
    await ada.code.fill(await ada.readCode(email));
    program.release();
    await ada.isAt('/activate');
    expect(signedIn()).toBe(1);
  });

  test('Start opens one room, Join is carried out as soon as the program runs, and links lead on', async ({ someone }) => {
    const mina = await (await someone()).arrive('Mina');
    const room = await mina.openRoom(own('Tea'));
    const ada = await (await someone()).arrive('Ada');
    const opened = countPosts(ada.page, '/rooms/open');
    const program = await holdProgram(ada.page);
    await ada.page.goto('/rooms', EARLY);
    await ada.openRoomButton.click();
    await ada.topicBox.fill(own('Soup'));
    await ada.page.getByRole('button', { name: 'Start' }).dblclick();
    await ada.page.waitForURL(/\/rooms\/.+/, EARLY);
    expect(opened()).toBe(1);
    await ada.roomsLink.click();
    await ada.page.waitForURL((url) => url.pathname === '/rooms', EARLY);

    await ada.page.goto(room, EARLY);
    await ada.joinButton.click();
    await ada.joinButton.click();
    await expect(ada.notice(/Starting/)).toBeVisible();
    program.release();
    await ada.isInside();
    await expect(ada.notice(/Starting/)).toHaveCount(0);
    await expect(mina.participant('Ada')).toHaveCount(1);
  });

  test('an open sheet and a typed topic survive an extension that has edited the form', async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    const program = await holdProgram(ada.page);
    await whenParsed(ada.page, fillForms);
    await ada.page.goto('/rooms', EARLY);
    await ada.openRoomButton.click();
    const topic = own('Tea');
    await ada.topicBox.fill(topic);
    program.release();
    await starts(ada.page, 'mounted');
    await expect(ada.topicBox).toBeVisible();
    await expect(ada.topicBox).toHaveValue(topic);
    await expect(ada.topicBox).toBeFocused();
    await ada.page.getByRole('button', { name: 'Start' }).click();
    await ada.isInside();
  });
});

test.describe('in a document that others edit', () => {
  test('a translated page starts', async ({ someone }) => {
    const mina = await (await someone()).arrive('Mina');
    const room = await mina.openRoom(own('Tea'));
    const ada = await someone();
    await whenParsed(ada.page, translate);
    await ada.page.goto('/');
    await ada.main.getByRole('link', { name: 'Come in' }).click();
    await starts(ada.page, 'mounted');
    await ada.signIn(addressFor('Ada'));
    await starts(ada.page, 'mounted');
    await ada.comeIn('Ada');
    await ada.page.goto('/rooms');
    await starts(ada.page, 'mounted');
    await ada.page.goto(room);
    await starts(ada.page, 'mounted');
    await ada.join();
    await expect(mina.participant('Ada')).toBeVisible();
  });

  test('counts and names stay true on a page that is translated later', async ({ someone }) => {
    const mina = await (await someone()).arrive('Mina');
    const room = await mina.openRoom(own('Tea'));
    const count = mina.page.locator('.room-count');
    await mina.page.evaluate(translate);
    await expect(count).toHaveText('1 here');
    const ada = await (await someone()).arrive('Ada');
    await ada.enter(room);
    await expect(count).toHaveText('2 here');
    await mina.page.evaluate(translate);
    await ada.leave();
    await expect(count).toHaveText('1 here');
    await expect(mina.participant('Ada')).toHaveCount(0);
    await mina.unmute();
  });

  test('elements and attributes of extensions around the app change nothing', async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    await whenParsed(ada.page, decorate);
    await ada.page.goto('/rooms');
    await starts(ada.page, 'hydrated');
    await expect(ada.page.locator('extension-menu')).toBeAttached();
  });

  test('a page without comments and spaces starts', async ({ someone }) => {
    const mina = await (await someone()).arrive('Mina');
    const room = await mina.openRoom(own('Tea'));
    const ada = await (await someone()).arrive('Ada');
    await removeComments(ada.page);
    await ada.page.goto(room);
    await starts(ada.page, 'mounted');
    await ada.join();
    await expect(mina.participant('Ada')).toBeVisible();
  });
});
