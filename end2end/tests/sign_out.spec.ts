/** Signing out: people who could not sign in again are asked first, and the next page says how they can come back. */
import { expect, test } from '../support/fixtures';
import type { Visitor } from '../support/visitor';
import { own } from '../support/words';

const HAS_ENDED = /session on this device has ended/;

/** The sheet that asks a guest. */
const question = (guest: Visitor) => guest.page.getByRole('dialog', { name: 'Sign out and lose your seat?' });

test('a guest in a call is asked before they sign out, and reads how to come back', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(own('Tea'));
  const gina = await (await someone()).arriveAsGuest(await mina.readyLink(), 'Gina');
  await gina.roomsLink.click();
  await gina.isAt('/rooms');
  await gina.goToSettings();
  await gina.signOut();
  await expect(question(gina)).toContainText('your name, your face and your seat are lost');
  expect(await gina.isSignedIn()).toBe(true);

  await question(gina).getByRole('button', { name: 'Keep your seat' }).click();
  await expect(question(gina)).toBeHidden();
  await expect(gina.page.getByRole('textbox', { name: 'Your e-mail address' })).toBeFocused();
  await expect(gina.page.getByRole('textbox', { name: 'Your e-mail address' })).toBeInViewport({ ratio: 1 });
  await expect(mina.participant('Gina'), 'the call goes on').toBeVisible();

  await gina.signOut();
  await question(gina).getByRole('button', { name: 'Sign out anyway' }).click();
  await gina.isAt('/sign-in');
  await expect(gina.notice(/^You are signed out. To come back, open a link into a room again/)).toBeVisible();
  await expect(mina.participant('Gina')).toHaveCount(0);
  await expect(gina.page.getByText(HAS_ENDED)).toHaveCount(0);
  expect(await gina.isSignedIn()).toBe(false);
});

test('a member in a call signs out with one press, and nothing says that the session has ended', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  const tom = await (await someone()).arrive('Tom');
  await tom.enter(room);
  await tom.roomsLink.click();
  await tom.isAt('/rooms');
  await tom.goToSettings();
  await tom.signOut();
  await tom.isAt('/sign-in');
  await expect(tom.notice(/^You are signed out/)).toBeVisible();
  await expect(mina.participant('Tom')).toHaveCount(0);
  await expect(tom.page.getByText(HAS_ENDED)).toHaveCount(0);
});

test('an owner without an address is told that only the owner link lets them back in', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await someone({ on: server });
  await ada.page.goto(server.ownerLink);
  await ada.page.getByRole('button', { name: 'Make this Snug yours' }).click();
  await ada.comeIn('Ada');
  await ada.signOut();
  const asked = ada.page.getByRole('dialog', { name: 'Sign out on this device?' });
  await expect(asked).toContainText('snug owner-link');
  await asked.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(ada.page.getByRole('button', { name: 'Sign out', exact: true })).toBeFocused();
  expect(await ada.isSignedIn()).toBe(true);
});

test('without scripts, a page asks the guest', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(own('Tea'));
  const gus = await (await someone({ javaScriptEnabled: false })).arriveAsGuest(await mina.readyLink(), 'Gus');
  await gus.signOut();
  await gus.isAt('/settings/sign-out');
  await expect(gus.heading('Sign out and lose your seat?')).toBeVisible();
  await gus.main.getByRole('link', { name: 'Keep your seat' }).click();
  await gus.isAt('/settings');
  await expect(gus.page.getByRole('textbox', { name: 'Your e-mail address' })).toBeInViewport();
  expect((await gus.me()).name).toBe('Gus');
  await gus.signOut();
  await gus.main.getByRole('button', { name: 'Sign out anyway' }).click();
  await gus.isAt('/sign-in');
  await expect(gus.notice(/^You are signed out/)).toBeVisible();
  expect(await gus.isSignedIn()).toBe(false);
});
