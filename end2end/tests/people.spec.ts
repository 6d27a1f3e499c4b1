/** The owners' page: finding people, making owners, switching accounts off, and closing rooms. */
import { expect, test } from '../support/fixtures';
import { act, arriveAsOwner, openerOf, row, sheet, useOwnerLink } from '../support/people';
import { addressFor } from '../support/words';

const SWITCHED_OFF = /This account is deactivated\. Ask the person who runs this Snug\./;

test('an owner finds a person by name and makes them an owner', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await arriveAsOwner(someone, server, 'Ada');
  const tom = await (await someone({ on: server })).arrive('Tom Riddle');
  await (await someone({ on: server })).arrive('Zelda');

  await ada.page.getByRole('link', { name: 'People' }).click();
  await ada.isAt('/people');
  for (const name of ['Ada', 'Tom Riddle', 'Zelda']) await expect(row(ada, name)).toBeVisible();
  await expect(row(ada, 'Ada')).toContainText('owner');
  await expect(row(ada, 'Ada').getByRole('button')).toHaveCount(0);
  // The field for a test letter shows an example, which is nobody's address.
  expect((await ada.page.content()).replace('you@example.org', '')).not.toContain('@example.org');

  await ada.search.fill('rid');
  await ada.search.press('Enter');
  await expect(row(ada, 'Zelda')).toHaveCount(0);
  await act(ada, 'Make owner', 'Tom Riddle');
  await expect(row(ada, 'Tom Riddle')).toContainText('owner');
  await expect(ada.search).toHaveValue('rid');

  await tom.open('/rooms');
  await tom.page.getByRole('link', { name: 'People' }).click();
  await expect(row(tom, 'Ada')).toBeVisible();
});

test('a switched-off person leaves the room at once and can not sign in until switched on', async ({
  startServer,
  someone,
}) => {
  const server = await startServer();
  const ada = await arriveAsOwner(someone, server, 'Ada');
  const email = addressFor('Tom');
  const tom = await (await someone({ on: server })).arrive('Tom', { email });
  const room = await tom.openRoom('Tea');
  const mina = await (await someone({ on: server })).arrive('Mina');
  await mina.open('/');
  const lit = mina.main.getByRole('link', { name: 'Tea' });
  // The middle of the link is not in the window, because the topic above the street is a part of the link.
  await lit.locator('rect').hover();
  await expect(lit.locator('text')).toBeVisible();
  await lit.locator('rect').click();
  await mina.isAt(room);
  await mina.enter(room);

  await ada.open('/people');
  await expect(row(ada, 'Tom')).toContainText('in Tea');
  await openerOf(ada, 'Tom').click();
  await expect(sheet(ada, 'Tom')).toContainText('signed out of every device');
  await sheet(ada, 'Tom').getByRole('button', { name: 'Deactivate', exact: true }).click();
  await expect(tom.heading('This account is deactivated.')).toBeVisible({ timeout: 1_000 });
  await expect(mina.participant('Tom')).toHaveCount(0);
  await expect(row(ada, 'Tom')).toContainText('deactivated');

  await tom.main.getByRole('link', { name: 'Sign in' }).click();
  await tom.isAt('/sign-in');
  await tom.askForCode(email);
  await tom.enterCode(await tom.readCode(email));
  await expect(tom.notice(SWITCHED_OFF)).toBeVisible();
  expect(await tom.isSignedIn()).toBe(false);

  await act(ada, 'Reactivate', 'Tom');
  await expect(row(ada, 'Tom')).not.toContainText('deactivated');
  await (await someone({ on: server })).signIn(email);
});

test('a room can be closed with only a keyboard, and everybody inside is told', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await arriveAsOwner(someone, server, 'Ada');
  const tom = await (await someone({ on: server })).arrive('Tom');
  const room = await tom.openRoom('Whispers', 'Private');
  const { page } = ada;

  await ada.open('/people');
  const opener = page.getByRole('button', { name: 'Close room: Whispers', exact: true });
  for (let stop = 0; stop < 25 && !(await opener.evaluate((one) => one === document.activeElement)); stop++) {
    await page.keyboard.press('Tab');
  }
  await expect(opener).toBeFocused();
  await page.keyboard.press('Enter');
  const asked = page.getByRole('dialog', { name: 'Close room: Whispers?' });
  await expect(asked.getByRole('button', { name: 'Close', exact: true })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(asked).toBeHidden();
  await expect(opener).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(asked.getByRole('button', { name: 'Close room' })).toBeFocused();
  await page.keyboard.press('Enter');

  await expect(tom.heading('This room is over.')).toBeVisible();
  await expect(row(ada, 'Whispers')).toHaveCount(0);
  await expect(ada.main.getByText('None right now.')).toBeVisible();
  expect((await tom.page.goto(room))?.status()).toBe(404);
});

test('without scripts the page does the same', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await (await someone({ on: server, javaScriptEnabled: false })).arrive('Ada');
  await useOwnerLink(ada, server);
  const tom = await (await someone({ on: server })).arrive('Tom');
  await ada.open('/people?q=tom');
  await act(ada, 'Deactivate', 'Tom');
  await expect(row(ada, 'Tom')).toContainText('deactivated');
  expect(await tom.isSignedIn()).toBe(false);
  await expect(ada.search).toHaveValue('tom');
  await ada.page.getByRole('textbox', { name: 'Name of this Snug' }).fill("Ada's Snug");
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.page).toHaveTitle("People · Ada's Snug");
});

test('for an owner in a call, the page of people opens in another tab and the call goes on', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await arriveAsOwner(someone, server, 'Ada');
  await ada.openRoom('Tea');
  await ada.page.goBack();
  await expect(ada.page.getByRole('complementary', { name: 'Your call' })).toBeVisible();
  const opened = ada.context.waitForEvent('page');
  await ada.page.getByRole('link', { name: /^People/ }).click();
  const people = await opened;
  await expect(people.getByRole('listitem', { name: 'Tea' })).toContainText('1 inside');
  await expect(ada.page.getByRole('complementary', { name: 'Your call' })).toBeVisible();
});

test('for everybody else the page does not exist', async ({ startServer, someone }) => {
  const server = await startServer();
  await arriveAsOwner(someone, server, 'Ada');
  const tom = await (await someone({ on: server })).arrive('Tom');
  await tom.open('/rooms');
  await expect(tom.page.getByRole('link', { name: 'People' })).toHaveCount(0);
  expect((await tom.page.goto('/people'))?.status()).toBe(404);
  await expect(tom.heading('There is nothing here.')).toBeVisible();
  const stranger = await someone({ on: server });
  await stranger.page.goto('/people');
  await stranger.isAt('/sign-in');
  expect(new URL(stranger.page.url()).searchParams.get('next')).toBe('/people');
});

test('on a phone, the chip of a guest reads as one sentence', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await arriveAsOwner(someone, server, 'Ada Lovelace');
  await ada.openRoom('Tea');
  await (await someone({ on: server })).arriveAsGuest(await ada.readyLink(), 'Gus');
  const people = await ada.newTab();
  await people.page.setViewportSize({ width: 360, height: 740 });
  await people.open('/people');
  // The rendered text has a new line before and after each column.
  const chip = row(people, 'Gus').getByText(/^guest · by/);
  await expect(chip).toHaveText("guest · by Ada Lovelace's link", { useInnerText: true });
});
