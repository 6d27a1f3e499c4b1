/** Two accounts in one browser: a page acts only for the account for which it was loaded. */
import type { WebSocketRoute } from '@playwright/test';
import { forgetAccess } from '../support/cookies';
import { expect, test } from '../support/fixtures';
import type { Visitor } from '../support/visitor';
import { addressFor, own } from '../support/words';

const SOMEBODY_ELSE = /Somebody else has signed in/;
/** The browser's message about a socket that was refused because the cookies belong to somebody else. */
const REFUSED = /WebSocket connection to .* Unexpected response code: 409/;

/** Ben, who has an account, signs in with the link in a letter, in another tab of Ada's browser. */
async function benComesIn(ada: Visitor, email: string): Promise<Visitor> {
  await ada.callEndpoint('auth/request_code', { email });
  const ben = await ada.newTab();
  await ben.open(await ben.readLink(email));
  await ben.signInButton.click();
  await ben.isAt('/rooms');
  return ben;
}

/** Enters a room with a socket that can be lost. `lose` closes the socket, blocks new sockets, and returns a function that allows them again. */
async function enterWithFragileSocket(visitor: Visitor, room: string): Promise<{ lose: () => Promise<() => void> }> {
  const open: WebSocketRoute[] = [];
  let isLost = false;
  await visitor.page.routeWebSocket(/\/ws\/rooms\/./, (socket) => {
    if (isLost) return void socket.close();
    open.push(socket, socket.connectToServer());
  });
  await visitor.enter(room);
  const lose = async () => {
    isLost = true;
    for (const socket of open) await socket.close();
    return () => void (isLost = false);
  };
  return { lose };
}

for (const [what, lost] of [
  ['', false],
  [' after its access token has expired', true],
] as const) {
  test(`a tab of another account changes nothing${what}, says why and keeps the typed name`, async ({ someone }) => {
    const email = addressFor('Ben');
    await (await someone()).arrive('Ben', { email });
    const ada = await (await someone()).arrive('Ada');
    await ada.open('/settings');
    const ben = await benComesIn(ada, email);
    if (lost) await forgetAccess(ada.context);
    await ada.save('Countess');
    await expect(ada.notice(SOMEBODY_ELSE)).toBeVisible();
    await expect(ada.nameBox).toHaveValue('Countess');
    expect((await ben.me()).name).toBe('Ben');

    await ada.page.getByRole('link', { name: 'Load it again' }).click();
    await expect(ada.nameBox).toHaveValue('Ben');
    await ada.hydrated();
    await ada.save('Benjamin');
    await expect(ada.notice(/^Saved/)).toBeVisible();
    expect((await ben.me()).name).toBe('Benjamin');
  });
}

test('a tab that signs in as somebody else acts for them', async ({ someone }) => {
  const email = addressFor('Ben');
  await (await someone()).arrive('Ben', { email });
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/settings');
  await ada.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await ada.isAt('/sign-in');
  await ada.signIn(email);
  await ada.page.getByRole('link', { name: /Settings/ }).click();
  await expect(ada.nameBox).toHaveValue('Ben');
  await ada.save('Benjamin');
  await expect(ada.notice(/^Saved/)).toBeVisible();
});

for (const [what, away] of [
  ['', false],
  [' while their socket is lost', true],
] as const) {
  test(`somebody in a room does not become the person who signs in in another tab${what}`, async ({ startServer, someone }) => {
    const server = await startServer();
    const email = addressFor('Ben');
    await (await someone({ on: server })).arrive('Ben', { email });
    const mina = await (await someone({ on: server })).arrive('Mina');
    const room = await mina.openRoom(own('Tea'));
    const ada = await (await someone({ on: server })).arrive('Ada');
    ada.troubles.allow(REFUSED);
    const { lose } = await enterWithFragileSocket(ada, room);
    await expect(mina.participant('Ada')).toBeVisible();
    const back = away ? await lose() : () => {};
    await benComesIn(ada, email);
    back();
    await expect(ada.main).toContainText(away ? SOMEBODY_ELSE : /session on this device has ended/);
    await expect(mina.participant('Ada')).toBeHidden({ timeout: 60_000 });
    await expect(mina.participant('Ben')).toBeHidden();
  });
}

test('a list of rooms reloads for the person who signs in in another tab', async ({ someone }) => {
  const email = addressFor('Ben');
  await (await someone()).arrive('Ben', { email });
  const ada = await (await someone()).arrive('Ada');
  ada.troubles.allow(REFUSED);
  await ada.open('/rooms');
  await benComesIn(ada, email);
  await expect(ada.page.getByRole('link', { name: /Settings of Ben/ })).toBeVisible({ timeout: 15_000 });
});

test('a tab whose session was ended elsewhere can sign in as somebody else', async ({ someone }) => {
  const [email, hers] = [addressFor('Ben'), addressFor('Ada')];
  await (await someone()).arrive('Ben', { email });
  const ada = await (await someone()).arrive('Ada', { email: hers });
  await ada.open('/settings');
  const phone = await someone();
  await phone.open('/sign-in');
  await phone.signIn(hers);
  await phone.callEndpoint('auth/sign_out_others');
  await ada.save('Countess');
  await ada.isAt('/sign-in');
  await ada.signIn(email);
  await ada.isAt('/settings');
  await expect(ada.nameBox).toHaveValue('Ben');
  await ada.save('Benjamin');
  await expect(ada.notice(/^Saved/)).toBeVisible();
  expect((await phone.me()).name).toBe('Ada');
});
