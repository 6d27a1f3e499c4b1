/** Guests: people come in by a link with only a name and a face, add an address later, or are removed with the link. */
import { expect, test } from '../support/fixtures';
import { tonesHeard } from '../support/sound';
import type { Visitor } from '../support/visitor';
import { addressFor, own } from '../support/words';

const [LOW, HIGH] = [440, 1100];

async function hears(listener: Visitor, tone: number): Promise<void> {
  const heard = async () => (await tonesHeard(listener.page)).some((hertz) => Math.abs(hertz - tone) < 25);
  await expect.poll(heard, { timeout: 15_000 }).toBe(true);
}

test('a guest who comes in by a link hears the room, and is heard after unmuting', async ({ someone, startBrowser }) => {
  test.slow();
  const mina = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  await mina.unmute();
  const link = await mina.readyLink();

  const gus = await someone({ in: await startBrowser({ tone: HIGH }) });
  await gus.open(link);
  await gus.nameBox.fill('Gus');
  await gus.comeInButton.click();
  await expect(gus.unmuteButton).toBeFocused();
  expect(gus.path).toBe(room);
  await expect(mina.participant('Gus')).toBeVisible();
  await expect(mina.participant('Gus'), 'everybody sees that Gus is a guest').toContainText('guest');
  await hears(gus, LOW);
  await expect(gus.page.getByRole('button', { name: 'Tap to hear' })).toHaveCount(0);
  await gus.unmute();
  await hears(mina, HIGH);
  await mina.changeInvite();
  await expect(mina.inviteSheet.getByText('Used 1 of 50')).toBeVisible();
  await expect(mina.inviteSheet.getByText('Used by Gus (guest).')).toBeVisible();

  await gus.reload();
  await gus.isInside();
  await expect(mina.participant('Gus'), 'loading the page again enters again, muted').toHaveAttribute('data-muted', 'true');
});

test('a guest with the name of the host is told two others, and one press takes one', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(own('Whispers'), 'Private');
  const gus = await someone();
  await gus.open(await mina.readyLink());
  await gus.nameBox.fill('mina');
  await gus.comeInButton.click();
  await expect(gus.notice(/Mina is hosting this room, so a guest can't use that name\. Try mina B\. or mina 2\./)).toBeVisible();
  await expect(gus.nameBox).toHaveAttribute('aria-invalid', 'true');
  await gus.page.getByRole('button', { name: 'mina 2' }).click();
  await expect(gus.nameBox).toHaveValue('mina 2');
  await expect(gus.nameBox).toBeFocused();
  await gus.comeInButton.click();
  await expect(mina.participant('mina 2')).toContainText('guest');
  await mina.more('mina 2').click();
  const sheet = mina.page.getByRole('dialog', { name: 'mina 2', exact: true });
  await expect(sheet.getByText('guest', { exact: true }), 'a host who acts on a guest sees it').toBeVisible();
  await mina.menuItem('Ban').click();
  const question = mina.page.getByRole('dialog', { name: 'Ban mina 2?', exact: true });
  await expect(question.getByText('A ban holds for this account.')).toBeVisible();
});

test('from the list of removed people, a host gets to the link of a guest', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(own('Tea'));
  await (await someone()).arriveAsGuest(await mina.readyLink(), 'Gus');
  await mina.about('Gus', 'Remove');
  await mina.openModerationPanel();
  await mina.moderationPanel.getByRole('button', { name: 'Show the links' }).click();
  await expect(mina.moderationPanel).toBeHidden();
  await expect(mina.inviteSheet).toBeVisible();
  await mina.links.first().getByRole('button', { name: 'Turn off', exact: true }).click();
  await expect(mina.links.first()).toContainText('Turned off');
  await mina.closeInvite();
  await expect(mina.inviteButton).toBeFocused();
});

test('people with an account come in with the same button', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Whispers'), 'Private');
  const link = await mina.readyLink();
  const jo = await (await someone()).arrive('Jo');
  await jo.open(link);
  await expect(jo.nameBox).toHaveCount(0);
  await jo.comeInByLink();
  expect(jo.path).toBe(room);
  await expect(mina.participant('Jo')).toBeVisible();
});

test('without scripts the guest card leads to the page of the room', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  const link = await mina.readyLink();
  const gus = await (await someone({ javaScriptEnabled: false })).arriveAsGuest(link, 'Gus');
  expect(gus.path).toBe(room);
  await expect(gus.participant('Mina')).toBeVisible();
  expect((await gus.me()).name).toBe('Gus');
});

test('a guest sees only rooms of their links, and all open rooms after adding an address', async ({ someone }) => {
  const [tea, elsewhere] = [own('Tea'), own('Elsewhere')];
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(tea);
  const link = await mina.readyLink();
  const kaya = await (await someone()).arrive('Kaya');
  const other = await kaya.openRoom(elsewhere);
  const gus = await (await someone()).arriveAsGuest(link, 'Gus');
  await gus.leave();
  await expect(gus.card(tea)).toBeVisible();
  await expect(gus.card(elsewhere)).toHaveCount(0);
  await expect(gus.openRoomButton).toHaveCount(0);

  const email = addressFor('Gus');
  // There is one offer at a time: the link in the heading comes back when the card is dismissed.
  await expect(gus.page.getByRole('link', { name: 'Keep your seat' })).toHaveCount(1);
  await gus.page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(gus.page.getByText('You are here as a guest.')).toBeVisible();
  await gus.page.getByRole('link', { name: 'Keep your seat' }).click();
  await gus.isAt('/settings');
  await gus.page.getByRole('textbox', { name: 'Your e-mail address' }).fill(email);
  await gus.page.getByRole('button', { name: 'Send a code there' }).click();
  await gus.code.fill(await gus.readCode(email));
  await expect(gus.notice(/Your e-mail address is saved/)).toBeVisible();
  await gus.goToRooms();
  await expect(gus.card(elsewhere)).toBeVisible();
  await expect(gus.openRoomButton).toBeVisible();

  const phone = await someone();
  await phone.signIn(email);
  await phone.isAt('/rooms');
  expect(await phone.me()).toEqual(await gus.me());
  await phone.enter(other);
});

test('turning off a link with its guests removes them within a second', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Whispers'), 'Private');
  const link = await mina.readyLink();
  const tom = await (await someone()).arrive('Tom');
  await tom.open(link);
  await tom.comeInByLink();
  const gus = await (await someone()).arriveAsGuest(link, 'Gus');
  await expect(mina.participant('Gus')).toBeVisible();
  await mina.changeInvite();
  await mina.inviteSheet.getByRole('button', { name: 'Turn off, and remove its guests' }).click();
  await expect(mina.participant('Gus')).toHaveCount(0, { timeout: 1_000 });
  await expect(gus.heading(/turned off the link you came in by/)).toBeVisible({ timeout: 1_000 });
  await expect(mina.participant('Tom'), 'a person with an account stays').toBeVisible();
  await expect(mina.page.getByRole('button', { name: /remove its guests/i })).toHaveCount(0);
  expect((await gus.open(link)).status()).toBe(403);
  await expect(gus.main).toContainText('turned off');
  expect((await tom.open(room)).status()).toBe(200);
});

test('“Keep your seat” leads to the card, also after the cards above it have loaded', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(own('Tea'));
  const gina = await (await someone()).arriveAsGuest(await mina.readyLink(), 'Gina');
  await gina.page.setViewportSize({ width: 360, height: 640 });
  await gina.leave();
  await gina.main.getByRole('link', { name: 'Keep your seat' }).click();
  await gina.isAt(/^\/settings/);
  await expect(gina.main.getByRole('textbox', { name: 'Your e-mail address' })).toBeInViewport();
});
