/** Another name for the same Snug, and a proxy that lets no WebSockets through. */
import { expect, test } from '../support/fixtures';
import { startPlainProxy } from '../support/plain_proxy';
import { own } from '../support/words';

test('under 127.0.0.1 instead of localhost, the list and a room are live', async ({ someone, server }) => {
  const ada = await (await someone()).arrive('Ada');
  const ben = await (await someone({ baseURL: `http://127.0.0.1:${server.port}` })).arrive('Ben');
  await ben.open('/rooms');
  const topic = own('Tea');
  const room = await ada.openRoom(topic);
  await expect(ben.card(topic), 'the socket of the list is open').toBeVisible();
  await ben.enter(room);
  await expect(ada.participant('Ben')).toBeVisible();
  await expect(ben.page.locator('.banner')).toHaveCount(0);
  expect(new URL(ben.page.url()).hostname).toBe('127.0.0.1');
});

test('a proxy that lets no WebSockets through is named on the page and in the log', async ({ someone, startServer }) => {
  const server = await startServer();
  const proxy = await startPlainProxy(server.url);
  const ada = await (await someone({ on: server, baseURL: proxy.url })).arrive('Ada');
  ada.troubles.allow(/WebSocket connection to/);
  const words = /A proxy between you and this Snug does not let WebSockets through/;
  await ada.open('/rooms');
  await expect(ada.notice(words)).toBeVisible({ timeout: 10_000 });
  const room = await (await someone({ on: server })).arrive('Ben').then((ben) => ben.openRoom(own('Tea')));
  await ada.open(room);
  await expect(ada.notice(words)).toBeVisible({ timeout: 10_000 });
  expect(server.log.match(/WebSocket arrived as a plain request/g)).toHaveLength(1);
  proxy.close();
});
