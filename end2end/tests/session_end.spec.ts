/** Ended sessions: pages that need an account go to the sign-in page, and back after the next sign-in. */
import { cookie, forgetAccess } from '../support/cookies';
import { expect, test } from '../support/fixtures';
import { SERVER_AWAY } from '../support/troubles';
import { addressFor } from '../support/words';

test('an ended session leads to the sign-in page, and signing in leads back', async ({ startServer, someone }) => {
  const server = await startServer();
  const email = addressFor('Ada');
  const ada = await (await someone({ on: server })).arrive('Ada', { email });
  ada.troubles.allow(SERVER_AWAY);
  await ada.open('/settings');
  await server.database.ask("update sessions set revoked_at = served_at, revoke_reason = 'test'");
  await forgetAccess(ada.context);
  await ada.save('Countess');
  await ada.isAt('/sign-in');
  expect(new URL(ada.page.url()).searchParams.get('next')).toBe('/settings');
  // Only the answer to a sign-out removes cookies.
  expect(await cookie(ada.context, 'refresh')).toBeTruthy();
  await ada.signIn(email);
  await ada.isAt('/settings');
  await expect(ada.nameBox).toHaveValue('Ada');
});

test('a page that needs no account stays open when the session has ended', async ({ startServer, someone }) => {
  const server = await startServer();
  const email = addressFor('Ada');
  const ada = await (await someone({ on: server })).arrive('Ada', { email });
  await server.database.ask("update sessions set revoked_at = served_at, revoke_reason = 'test'");
  await forgetAccess(ada.context);
  for (const path of ['/', '/sign-in']) {
    await ada.open(path);
    expect(ada.path).toBe(path);
  }
  await ada.askForCode(email);
  expect(ada.path).toBe('/sign-in');
  await ada.enterCode(await ada.readCode(email));
  await ada.isAt('/rooms');
});

test('signing out in one tab leads the others to the sign-in page, and signing in leads back', async ({ someone }) => {
  const email = addressFor('Ada');
  const ada = await (await someone()).arrive('Ada', { email });
  await ada.open('/rooms');
  const other = await ada.newTab();
  await other.open('/settings');
  await (await ada.newTab()).signOut();
  await Promise.all([ada.isAt('/sign-in'), other.isAt('/sign-in')]);
  expect(new URL(other.page.url()).searchParams.get('next')).toBe('/settings');
  await other.signIn(email);
  await other.isAt('/settings');
});
