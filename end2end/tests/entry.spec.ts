/** Who may enter a room: people in the host's circle, and people with a link. */
import { expect, test } from '../support/fixtures';
import { addressFor, own } from '../support/words';

for (const kind of ['Social', 'Private'] as const) {
  test(`a link leads through sign-up into a ${kind.toLowerCase()} room, and is counted`, async ({ someone }) => {
    const topic = own('Whispers');
    const mina = await (await someone()).arrive('Mina');
    const room = await mina.openRoom(topic, kind);
    const link = await mina.makeLink();

    const jo = await someone();
    await jo.open(link);
    await expect(jo.heading(topic)).toBeVisible();
    await jo.page.getByRole('link', { name: 'Sign in to come in' }).click();
    await jo.signIn(addressFor('Jo'));
    await jo.comeIn('Jo');
    await jo.isAt(link);
    await jo.comeInByLink();
    expect(jo.path).toBe(room);
    await expect(mina.participant('Jo')).toBeVisible();
    await mina.changeInvite();
    await expect(mina.inviteSheet.getByText('Used 1 of 10')).toBeVisible();
    await expect(mina.inviteSheet.getByText('Used by Jo.')).toBeVisible();
    await jo.leave();
    await expect(jo.card(topic)).toBeVisible();
  });
}

test('links that are turned off, expired or used up say so, and whom to ask', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  await mina.openRoom(own('Whispers'), 'Private');
  // The first link is the one that is ready.
  const [turnedOff, expired] = [await mina.readyLink(), await mina.makeLink()];
  const forOne = await mina.makeLink({ people: 'one person' });
  await mina.changeInvite();
  await mina.links.last().getByRole('button', { name: 'Turn off', exact: true }).click();
  await expect(mina.links.last()).toContainText('Turned off');
  await mina.closeInvite();
  await mina.server.database.expireLink(expired);

  const tom = await (await someone()).arrive('Tom');
  await tom.open(forOne);
  await tom.comeInByLink();
  const jo = await (await someone()).arrive('Jo');
  for (const [link, why] of [
    [turnedOff, 'turned off'],
    [expired, 'expired'],
    [forOne, 'as many people as it allows have used it'],
  ]) {
    expect((await jo.open(link)).status()).toBe(403);
    await expect(jo.main).toContainText(why);
    await expect(jo.main).toContainText('Ask Mina');
  }
});

test('a link works without scripts', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Whispers'), 'Private');
  const link = await mina.makeLink();
  const jo = await (await someone({ javaScriptEnabled: false })).arrive('Jo');
  await jo.open(link);
  await jo.comeInButton.click();
  await jo.isAt(room);
  await expect(jo.participant('Mina')).toBeVisible();
});

test('people whom you follow see your social rooms on their list until you unfollow them', async ({ someone }) => {
  const [tea, whispers] = [own('Tea'), own('Whispers')];
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(tea);
  const tom = await (await someone()).arrive('Tom');
  await tom.enter(room);
  // By keyboard: open the menu, choose the item, and close the menu.
  await mina.more('Tom').focus();
  await mina.page.keyboard.press('Enter');
  await expect(mina.menuItem('Follow')).toBeFocused();
  await mina.page.keyboard.press('Enter');
  await expect(mina.menuItem('Unfollow')).toBeVisible();
  await mina.page.keyboard.press('Escape');
  await expect(mina.menuItem('Unfollow')).toBeHidden();

  await tom.leave();
  await mina.leave();
  const social = await mina.openRoom(whispers, 'Social');
  await expect(tom.card(whispers)).toBeVisible();
  await tom.enterByCard(whispers);
  expect(tom.path).toBe(social);
  await tom.leave();

  const settings = await mina.newTab();
  await settings.open('/settings');
  await settings.page.getByRole('button', { name: 'Unfollow Tom' }).click();
  await expect(settings.page.getByRole('region', { name: 'People you follow' })).toContainText('Nobody yet.');
  await expect(tom.card(whispers)).toHaveCount(0);
  expect((await tom.open(social)).status()).toBe(404);
});
