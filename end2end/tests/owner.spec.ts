/** The owner link, which works once, and the outbox, which is a 404 for everybody except the owner. */
import { expect, test } from '../support/fixtures';
import { useOwnerLink } from '../support/people';
import { addressFor } from '../support/words';

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
