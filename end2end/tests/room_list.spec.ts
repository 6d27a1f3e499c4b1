/** The pages of the list of rooms: going from one to the next, searching all of them, and what happens on them meanwhile. */
import { expect, test } from '../support/fixtures';
import { addEmptyRooms } from '../support/many_rooms';

test('links lead to the pages of the list, and the focus goes to the rooms', async ({ startServer, someone }) => {
  const ada = await (await someone({ on: await startServer() })).arrive('Ada');
  await addEmptyRooms(ada, 30);
  await ada.open('/rooms');
  await expect(ada.card('Reading circle 30')).toBeVisible();
  await expect(ada.card('Reading circle 06')).toHaveCount(0);

  await ada.pageLink('Next').click();
  await expect(ada.card('Reading circle 06')).toBeVisible();
  await expect(ada.card('Reading circle 30')).toHaveCount(0);
  await expect(ada.main.getByRole('list', { name: 'Page 2 of 2' })).toBeFocused();
  await expect(ada.pageLink('Next')).toHaveCount(0);
  await ada.page.keyboard.press('Tab');
  await expect(ada.card('Reading circle 06').getByRole('link')).toBeFocused();

  await ada.reload();
  await expect(ada.card('Reading circle 06')).toBeVisible();
  await ada.pageLink('Previous').click();
  await expect(ada.card('Reading circle 30')).toBeVisible();
  await ada.page.goBack();
  await expect(ada.card('Reading circle 06')).toBeVisible();
});

test('search finds rooms of all pages', async ({ startServer, someone }) => {
  const ada = await (await someone({ on: await startServer() })).arrive('Ada');
  await addEmptyRooms(ada, 60);
  await ada.open('/rooms?page=2');
  await ada.search.fill('CIRCLE 02');
  await expect(ada.card('Reading circle 02')).toBeVisible();
  await expect(ada.main.getByRole('listitem')).toHaveCount(1);
  await expect(ada.search).toBeFocused();
  await expect(ada.page).toHaveURL(/\/rooms\?q=CIRCLE%2002$/);

  await ada.search.fill('circle');
  await expect(ada.main.getByRole('listitem')).toHaveCount(24);
  await ada.pageLink('Next').click();
  await expect(ada.card('Reading circle 36')).toBeVisible();
  await expect(ada.search).toHaveValue('circle');
});

test('a page of the list follows rooms that open and end elsewhere', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await (await someone({ on: server })).arrive('Ada');
  await addEmptyRooms(ada, 30);
  await ada.open('/rooms?page=2');
  await expect(ada.card('Reading circle 06')).toBeVisible();
  await expect(ada.card('Reading circle 07')).toHaveCount(0);
  const mina = await (await someone({ on: server })).arrive('Mina');
  await mina.openRoom('Tea');
  await expect(ada.card('Reading circle 07'), 'the new room on page 1 moves this one to page 2').toBeVisible();
  await mina.leave();
  await expect(ada.card('Reading circle 07')).toHaveCount(0);
});

test('a call goes on while the person turns the pages of the list', async ({ startServer, someone }) => {
  const ada = await (await someone({ on: await startServer() })).arrive('Ada');
  await addEmptyRooms(ada, 30);
  await ada.openRoom('Tea');
  await ada.page.goBack();
  const call = ada.page.getByRole('complementary', { name: 'Your call' });
  await expect(call).toBeVisible();
  await ada.pageLink('Next').click();
  await expect(ada.card('Reading circle 07')).toBeVisible();
  await expect(call).toBeVisible();
});

test('pages and search work without scripts', async ({ startServer, someone }) => {
  const ada = await (await someone({ on: await startServer(), javaScriptEnabled: false })).arrive('Ada');
  await addEmptyRooms(ada, 30);
  await ada.open('/rooms');
  await ada.pageLink('Next').click();
  await expect(ada.card('Reading circle 06')).toBeVisible();
  await ada.search.fill('circle 29');
  await ada.search.press('Enter');
  await expect(ada.card('Reading circle 29')).toBeVisible();
  await expect(ada.main.getByRole('listitem')).toHaveCount(1);
});
