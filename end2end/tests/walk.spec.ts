/** The main flow: from the front page to a room with a name and a face, and a friend who follows the link. */
import { expect, test } from '../support/fixtures';
import { smallPhoto } from '../support/picture';
import { addressFor, own } from '../support/words';

test('from the front page into your own room, with a photo', async ({ someone }) => {
  const ada = await someone();
  const topic = own('Tea');
  await ada.open('/');
  await ada.main.getByRole('link', { name: 'Come in' }).click();
  await ada.isAt('/sign-in');
  await ada.signIn(addressFor('Ada'));
  await ada.comeIn('Ada Lovelace', { photo: smallPhoto() });
  await ada.isAt('/rooms');
  await ada.openRoom(topic, 'Open');

  await expect(ada.participant('Ada Lovelace')).toBeVisible();
  await expect(ada.participant('Ada Lovelace')).toContainText('Ada Lovelace');
  await expect(ada.participant('Ada Lovelace').locator('img')).toHaveAttribute(
    'src',
    /^\/pictures\/[0-9a-f]{64}(-64)?\.jpg$/,
  );

  await ada.leave();
  await expect(ada.card(topic)).toHaveCount(0);
});

test('a signed-out friend follows a link, signs up, and arrives in that room', async ({ someone }) => {
  const [host, friend, onlooker] = [await someone(), await someone(), await someone()];
  const topic = own('Borrow checker clinic');
  await host.arrive('Mina');
  await onlooker.arrive('Jo');
  await onlooker.open('/rooms');
  const room = await host.openRoom(topic);
  await expect(host.participant('Mina')).toBeVisible();

  await friend.page.goto(room);
  await friend.isAt('/sign-in');
  await friend.signIn(addressFor('Grace'));
  await friend.comeIn('Grace Hopper', { photo: smallPhoto() });
  await friend.isAt(room);

  await friend.join();
  await expect(friend.participant('Grace Hopper')).toBeVisible();
  const soon = { timeout: 1_000 };
  await Promise.all([
    expect(host.participant('Grace Hopper')).toBeVisible(soon),
    expect(friend.participant('Mina')).toBeVisible(soon),
    expect(onlooker.card(topic)).toContainText('Grace Hopper', soon),
  ]);
  await expect(onlooker.card(topic)).toContainText('Mina');
});

test('a person without a photo has a drawn face', async ({ someone }) => {
  const ada = await someone();
  await ada.signIn(addressFor('Ada'));
  await ada.comeIn('Ada');
  expect((await ada.me()).picture).toMatch(/^\/faces\/.+\.svg$/);
  await ada.openRoom(own('Tea'));
  await expect(ada.participant('Ada').locator('svg').first()).toBeVisible();
});

test('a person who is not activated chooses a name first, and then gets to the requested page', async ({ someone }) => {
  const host = await (await someone()).arrive('Mina');
  const room = await host.openRoom(own('Tea'));
  const guest = await someone();
  await guest.signIn(addressFor('Tom'));
  await guest.isAt('/activate');
  await guest.page.goto(room);
  await guest.comeIn('Tom');
  await guest.isAt(room);
  await guest.join();
  await expect(guest.participant('Tom')).toBeVisible();
});
