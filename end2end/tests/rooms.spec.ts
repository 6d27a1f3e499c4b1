/** Rooms: opening, listing, searching, entering and leaving them, which everybody sees without a reload. */
import { expect, test } from '../support/fixtures';
import type { Visitor } from '../support/visitor';
import { own } from '../support/words';

test('the list shows rooms that open, fill and empty without a reload', async ({ someone }) => {
  const topic = own('Tea');
  const onlooker = await (await someone()).arrive('Jo');
  await onlooker.open('/rooms');
  const mina = await (await someone()).arrive(own('Mina'));
  const tom = await (await someone()).arrive(own('Tom'));

  const room = await mina.openRoom(topic);
  const card = onlooker.card(topic);
  await expect(card).toBeVisible();
  await expect(card).toContainText((await mina.me()).name);
  await expect(card).toContainText('1 here');
  await expect(card).toContainText(`Hosted by ${(await mina.me()).name}`);
  await expect(card).toContainText('just started');
  await expect(card, 'a card says only what differs from an open room').not.toContainText('Open');

  const link = card.getByRole('link');
  await link.focus();
  await tom.enter(room);
  await expect(card).toContainText('2 here');
  await expect(card).toContainText((await tom.me()).name);
  await expect(link, 'the card changes in place and keeps the focus').toBeFocused();

  await tom.leave();
  await expect(card).toContainText('1 here');
  await expect(card).not.toContainText((await tom.me()).name);
  await mina.leave();
  await expect(card).toHaveCount(0);
});

test('a card enters the room, and "Look in first" does not', async ({ someone }) => {
  const topic = own('Tea');
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(topic);
  const jo = await (await someone()).arrive('Jo');
  await jo.open('/rooms');
  await jo.enterByCard(topic);
  expect(jo.path).toBe(room);
  await expect(jo.unmuteButton).toBeFocused();
  await expect(mina.participant('Jo')).toBeVisible();
  await jo.leave();

  await expect(jo.lookInButton(topic)).toHaveAccessibleDescription(topic);
  expect((await jo.lookInButton(topic).boundingBox())!.height).toBeGreaterThanOrEqual(44);
  await jo.lookInto(topic);
  expect(jo.path).toBe(room);
  await onlyLooksIn(jo, mina, 'Jo');
});

test('a reload, Back or Forward enters again, but not if the person has left or talks on another page', async ({ someone }) => {
  const topic = own('Tea');
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(topic);
  const tom = await (await someone()).arrive('Tom');
  await tom.open('/rooms');
  await tom.enterByCard(topic);
  await tom.unmute();
  await tom.reload();
  await tom.isInside();
  await expect(mina.participant('Tom')).toHaveAttribute('data-muted', 'true');
  await tom.page.goBack();
  await tom.isAt('/rooms');
  await tom.reload();
  await expect(mina.participant('Tom')).toHaveCount(0);
  await tom.page.goForward();
  await tom.isAt(room);
  await tom.isInside();

  const second = await tom.newTab();
  await second.enter(room);
  await tom.unmute();
  await second.unmute();
  await expect(tom.notice(/another page or device/)).toBeVisible();
  await tom.reload();
  await expect(second.muteButton).toBeVisible();
  await second.leave();
  await expect(mina.participant('Tom'), 'the first tab only looks in').toHaveCount(0);
  await second.page.goBack();
  await second.isAt(room);
  await onlyLooksIn(second, mina, 'Tom');
});

/** Checks that `visitor`, whose name is `name`, sees the room with `host` inside and has not joined it. */
async function onlyLooksIn(visitor: Visitor, host: Visitor, name: string): Promise<void> {
  // What the host does now reaches the visitor only after a socket is open, when the page would have joined.
  await host.unmute();
  await expect(visitor.participant('Mina')).toHaveAttribute('data-muted', 'false');
  await expect(visitor.joinButton).toBeVisible();
  await expect(host.participant(name)).toHaveCount(0);
}

test('search finds topics and people', async ({ someone }) => {
  const [tea, clinic] = [own('Tea'), own('Clinic')];
  const [mina, tom] = [own('Mina'), own('Tom')];
  await (await (await someone()).arrive(mina)).openRoom(tea);
  await (await (await someone()).arrive(tom)).openRoom(clinic);
  const jo = await (await someone()).arrive('Jo');
  await jo.open('/rooms');
  await expect(jo.card(tea)).toBeVisible();
  await expect(jo.card(clinic)).toBeVisible();

  await jo.search.fill(tea.toUpperCase());
  await expect(jo.card(clinic)).toHaveCount(0);
  await expect(jo.card(tea)).toBeVisible();

  await jo.search.fill(tom.split(' ')[1].toLowerCase());
  await expect(jo.card(tea)).toHaveCount(0);
  await expect(jo.card(clinic)).toBeVisible();

  await jo.search.fill('nothing that anybody would talk about');
  await expect(jo.card(clinic)).toHaveCount(0);
  await expect(jo.main).toContainText(/no |nothing|nobody/i);

  await jo.page.getByRole('link', { name: 'Clear search' }).click();
  await expect(jo.search).toHaveValue('');
  await expect(jo.search).toBeFocused();
  await expect(jo.card(tea)).toBeVisible();
  await expect(jo.card(clinic)).toBeVisible();
});

for (const kind of ['Social', 'Private'] as const) {
  test(`a ${kind.toLowerCase()} room is hidden from others, on the list and at its address`, async ({ someone }) => {
    const [hidden, listed] = [own('Whispers'), own('Tea')];
    const mina = await (await someone()).arrive('Mina');
    const room = await mina.openRoom(hidden, kind);
    await (await (await someone()).arrive('Tom')).openRoom(listed);
    const jo = await (await someone()).arrive('Jo');
    await jo.open('/rooms');
    await expect(jo.card(listed)).toBeVisible();
    await expect(jo.card(hidden)).toHaveCount(0);
    // The page is the same as for a room that never existed.
    expect((await jo.open(room)).status()).toBe(404);
    const told = await jo.main.innerText();
    expect(told).not.toContain(hidden);
    await jo.open('/rooms/abcdefghijkl');
    expect(await jo.main.innerText()).toBe(told);
  });
}

test('closing the tab removes the person within 5 s', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  const tom = await (await someone()).arrive('Tom');
  await tom.enter(room);
  await expect(mina.participant('Tom')).toBeVisible();
  await tom.page.close();
  await expect(mina.participant('Tom')).toHaveCount(0, { timeout: 5_000 });
  await expect(mina.participant('Mina')).toBeVisible();
});

test('one person in two tabs is one participant, until the last tab closes', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  const tom = await (await someone()).arrive('Tom');
  await tom.enter(room);
  const second = await tom.newTab();
  await second.enter(room);
  await expect(second.participant('Tom')).toHaveCount(1);
  await expect(mina.participant('Tom')).toHaveCount(1);

  const jo = await (await someone()).arrive('Jo');
  await second.page.close();
  // Mina's page learns of Jo after it learns of the closed tab. If closing the tab had removed Tom, he would be gone by now.
  await jo.enter(room);
  await expect(mina.participant('Jo')).toBeVisible();
  await expect(mina.participant('Tom')).toHaveCount(1);

  await tom.page.close();
  await expect(mina.participant('Tom')).toHaveCount(0, { timeout: 5_000 });
});

test('a changed name shows in the room', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  const tom = await (await someone()).arrive('Tom');
  await tom.enter(room);
  await expect(mina.participant('Tom')).toBeVisible();
  await tom.callEndpoint('profile/activate', { name: 'Thomas', picture: '' });
  await expect(mina.participant('Thomas')).toBeVisible();
});

for (const id of ['x', "1'--", 'ä', '0', 'a'.repeat(300)]) {
  test(`a malformed room id is a 404 page: ${id.slice(0, 12)}`, async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    const answer = await ada.open(`/rooms/${encodeURIComponent(id)}`);
    expect(answer.status()).toBe(404);
    await expect(ada.page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(ada.page.getByRole('link', { name: /rooms|home|snug/i }).first()).toBeVisible();
    expect(await ada.isSignedIn()).toBe(true);
  });
}

for (const [what, topic] of [
  ['no topic', '   '],
  ['a topic of 81 characters', 'T'.repeat(81)],
]) {
  test(`${what} is answered with a message`, async ({ someone }) => {
    const ada = await (await someone()).arrive('Ada');
    await ada.open('/rooms');
    await ada.openRoomButton.click();
    await ada.topicBox.evaluate((box: HTMLInputElement) => {
      box.removeAttribute('maxlength');
      box.form?.setAttribute('novalidate', '');
    });
    await ada.topicBox.fill(topic);
    await ada.page.getByRole('button', { name: 'Start' }).click();
    await expect(ada.notice(/topic/i)).toBeVisible();
    await expect(ada.topicBox).toHaveValue(topic);
  });
}

test('a long topic fits the page, down to a width of 360 px', async ({ someone }) => {
  const topic = `${own('Donaudampfschifffahrtsgesellschaftskapitaensmuetzenabzeichen')}`.padEnd(80, 'x');
  const ada = await (await someone({ viewport: { width: 360, height: 740 } })).arrive('Ada');
  await ada.openRoom(topic);
  const overflow = () =>
    ada.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await overflow()).toBe(0);
  await (await ada.newTab()).open('/rooms');
  expect(await overflow()).toBe(0);
});
