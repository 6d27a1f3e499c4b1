/** The owner link, which works once and signs its person in, and the outbox, which is a 404 for everybody except the owner. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import { useOwnerLink } from '../support/people';
import { Steps } from '../support/steps';
import { addressFor } from '../support/words';

/** The paths of the screens that a page shows from now on, each followed by another one. */
function watchScreens(page: Page): string[] {
  const screens: string[] = [];
  page.on('framenavigated', (frame) => {
    const { pathname } = new URL(frame.url());
    if (frame === page.mainFrame() && screens.at(-1) !== pathname) screens.push(pathname);
  });
  return screens;
}

for (const scripts of [true, false]) {
  const how = scripts ? 'with scripts' : 'without scripts';

  test(`from the owner link into the first room are three screens, without mail and ${how}`, async ({ startServer, someone }) => {
    const server = await startServer({ SNUG_MAIL_BACKEND: 'none' });
    const ada = await someone({ on: server, javaScriptEnabled: scripts });
    const steps = new Steps();
    const screens = watchScreens(ada.page);
    await ada.page.goto(server.ownerLink);
    await steps.press(ada.page.getByRole('button', { name: 'Make this Snug yours' }));
    await ada.isAt('/activate');
    await steps.type(ada.nameBox, 'Ada');
    await steps.type(ada.page.getByRole('textbox', { name: 'Topic of your first room' }), 'Tea');
    await steps.press(ada.comeInButton);
    await ada.isAt(/^\/rooms\/.+/);
    await expect(ada.heading('Tea')).toBeVisible();
    if (scripts) await ada.isInside();
    expect(screens, screens.join(', ')).toHaveLength(3);
    expect(steps.take()).toBe(4);
    expect(await ada.me()).toMatchObject({ name: 'Ada', owner: true });
  });
}

test('without mail, the sign-in page says whom to ask, and a guest comes in by a link', async ({ startServer, someone }) => {
  const server = await startServer({ SNUG_MAIL_BACKEND: 'none' });
  const ada = await someone({ on: server });
  await ada.page.goto(server.ownerLink);
  await ada.page.getByRole('button', { name: 'Make this Snug yours' }).click();
  await ada.comeIn('Ada');
  await ada.openRoom('Tea');

  const gus = await someone({ on: server });
  await gus.open('/sign-in');
  await expect(gus.main).toContainText('Ask Ada, who runs it, for a link into a room');
  await expect(gus.page.getByRole('textbox')).toHaveCount(0);

  await ada.openInvite();
  await expect(ada.linkBox).not.toHaveValue('');
  const link = await ada.linkBox.inputValue();
  await gus.open(new URL(link).pathname);
  await gus.nameBox.fill('Gus');
  await gus.comeInButton.click();
  await gus.isInside();
  await gus.open('/settings');
  await expect(gus.main).toContainText("so you can't add an e-mail address");
});

test('the form on the page of people says what the mail server answers', async ({ startServer, someone }) => {
  const server = await startServer({
    SNUG_MAIL_BACKEND: 'smtp',
    SNUG_MAIL_SMTP_URL: 'smtp://127.0.0.1:1',
    SNUG_LIMITS_ENFORCED: 'true',
  });
  const ada = await someone({ on: server });
  await ada.page.goto(server.ownerLink);
  await ada.page.getByRole('button', { name: 'Make this Snug yours' }).click();
  await ada.comeIn('Ada');
  await ada.open('/people');
  await ada.page.getByRole('textbox', { name: 'Send a test letter to' }).fill('tim@example.org');
  await ada.page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(ada.notice(/refuses the connection/)).toBeVisible();
  await expect(ada.page.getByRole('textbox', { name: 'Send a test letter to' })).toHaveValue('tim@example.org');
});

test('the link works once, and only its user can read the outbox', async ({ startServer, someone }) => {
  const server = await startServer();
  const owner = await (await someone({ on: server })).arrive('Ada');
  const other = await (await someone({ on: server })).arrive('Tom');
  expect((await owner.page.goto('/outbox'))?.status()).toBe(404);

  expect((await owner.page.goto(server.ownerLink))?.ok()).toBe(true);
  expect((await owner.context.request.get('/outbox')).status(), 'opening changes nothing').toBe(404);
  await useOwnerLink(owner, server);
  const email = addressFor('Grace');
  await (await someone({ on: server })).callEndpoint('auth/request_code', { email });
  expect((await owner.page.goto('/outbox'))?.status()).toBe(200);
  await expect(owner.page.getByText(email).first()).toBeVisible();
  await expect(owner.page.getByText(await server.outbox.readCode(email)).first()).toBeVisible();

  const second = await other.page.goto(server.ownerLink);
  expect(second?.status()).toBeGreaterThanOrEqual(400);
  // Tom is signed in.
  await expect(other.main.getByRole('link', { name: 'To the rooms' })).toBeVisible();
  await expect(other.main.getByRole('link', { name: 'Sign in' })).toHaveCount(0);
  expect((await other.page.goto('/outbox'))?.status()).toBe(404);
});

test('the outbox stays hidden, whatever the headers of the request claim', async ({ startServer, someone }) => {
  const server = await startServer();
  const stranger = await someone({ on: server });
  const claims: Record<string, string>[] = [
    {},
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-forwarded-host': 'localhost' },
    { forwarded: 'for=127.0.0.1;host=localhost' },
    { host: 'localhost' },
  ];
  for (const headers of claims) {
    const answer = await stranger.context.request.get('/outbox', { headers });
    expect(answer.status()).toBe(404);
    expect(await answer.text()).not.toContain('.eml');
  }
});

test('each letter is printed in the terminal with its code', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await someone({ on: server });
  await ada.callEndpoint('auth/request_code', { email: 'ada@example.org' });
  const code = await ada.readCode('ada@example.org');
  await expect.poll(() => server.log.replace(/(\d{3})[ \u00a0](\d{3})/g, '$1$2')).toContain(code);
});
