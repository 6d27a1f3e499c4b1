/** Sessions in real browser profiles: many expired tokens in many tabs, and browsers that are killed. */
import { cookie, forgetAccess } from '../support/cookies';
import { expect, test } from '../support/fixtures';
import type { Server } from '../support/server';
import { SERVER_AWAY } from '../support/troubles';
import type { Visitor } from '../support/visitor';
import { addressFor } from '../support/words';

const SHORT = { SNUG_AUTH_ACCESS_TTL_SECONDS: '4', SNUG_AUTH_CONFIRM_SECONDS: '2' } as const;
const EXPIRIES = 100;

test('two profiles with five tabs stay signed in over a hundred forced expiries', async ({
  startServer,
  makeProfile,
}) => {
  test.setTimeout(240_000);
  const server = await startServer(SHORT);
  const email = addressFor('Ada');
  const devices: Device[] = [];
  for (const tabs of [3, 2]) devices.push(await deviceWithTabs(await (await makeProfile(server)).open(), email, tabs));

  let forced = 0;
  // A device loses its access token, and all its tabs send requests at once.
  const expireOften = async ({ ada, tabs, refreshes }: Device) => {
    while (forced < EXPIRIES) {
      forced += 1;
      const before = refreshes.count;
      await forgetAccess(ada.context);
      await Promise.all(tabs.map((tab) => (tab.path === '/rooms' ? tab.goToSettings() : tab.goToRooms())));
      await expect.poll(() => refreshes.count, { intervals: [20] }).toBeGreaterThan(before);
    }
  };
  await Promise.all(devices.map(expireOften));

  for (const { ada, tabs } of devices) {
    await forgetAccess(ada.context);
    await Promise.all(tabs.map((tab) => tab.reload()));
    expect(tabs.map((tab) => tab.path).filter((path) => !['/rooms', '/settings'].includes(path))).toEqual([]);
    expect(await ada.isSignedIn()).toBe(true);
  }
  const rotations = Number(await server.database.ask('select sum(gen) from sessions'));
  console.log(`forced expiries: ${forced}, refreshes: ${devices.map(({ refreshes }) => refreshes.count).join(' + ')}, rotations: ${rotations}`);
  const refreshed = devices.reduce((sum, { refreshes }) => sum + refreshes.count, 0);
  expect(refreshed).toBeGreaterThanOrEqual(EXPIRIES);
  expect(rotations).toBeGreaterThan(10);
  expect(await server.database.ask('select count(*) from sessions where revoked_at is null')).toBe('2');
});

test('a browser killed after a rotation, with its new cookie lost, comes back signed in', async ({
  startServer,
  makeProfile,
}) => {
  test.slow();
  const server = await startServer();
  const profile = await makeProfile(server);
  const first = await (await profile.open()).arrive('Ada');
  const old = await cookie(first.context, 'refresh');
  await expires(first, server);
  await profile.close();

  const second = await profile.open();
  await second.open('/settings');
  expect(await generation(server)).toBe('2');
  const lost = await cookie(second.context, 'refresh');
  expect(lost).not.toBe(old);
  await profile.kill();

  const third = await profile.open();
  expect(await cookie(third.context, 'refresh'), 'the disk has the cookie from before the rotation').toBe(old);
  await third.open('/settings');
  await expect(third.nameBox).toHaveValue('Ada');
  expect(await cookie(third.context, 'refresh'), 'the same successor as before').toBe(lost);
  expect(await generation(server)).toBe('2');
});

test('a browser killed after a rotation, with its new cookie saved, comes back signed in', async ({
  startServer,
  makeProfile,
}) => {
  test.slow();
  const server = await startServer();
  const profile = await makeProfile(server);
  const first = await (await profile.open()).arrive('Ada');
  await expires(first, server);
  await profile.close();
  const before = await profile.onDisk('refresh');

  const second = await profile.open();
  await second.open('/settings');
  const kept = await cookie(second.context, 'refresh');
  await profile.writeCookies('refresh', before);
  await profile.kill();

  const third = await profile.open();
  expect(await cookie(third.context, 'refresh')).toBe(kept);
  await forgetAccess(third.context);
  await third.open('/settings');
  await expect(third.nameBox).toHaveValue('Ada');
  expect(await cookie(third.context, 'refresh')).toBe(kept);
  expect(await generation(server)).toBe('2');
});

/** Makes the access token expire, long after the last rotation. */
async function expires(ada: Visitor, server: Server): Promise<void> {
  await forgetAccess(ada.context);
  await server.database.ageSessions(3_600);
}

function generation(server: Server): Promise<string> {
  return server.database.ask('select gen from sessions');
}

interface Device {
  ada: Visitor;
  tabs: Visitor[];
  refreshes: { count: number };
}

async function deviceWithTabs(visitor: Visitor, email: string, many: number): Promise<Device> {
  const ada = await visitor.arrive('Ada', { email });
  // The socket of the list is refused until the refresh is done.
  ada.troubles.allow(SERVER_AWAY);
  const refreshes = { count: 0 };
  ada.context.on('response', (response) => {
    const isRefresh = new URL(response.url()).pathname === '/api/auth/refresh';
    if (isRefresh && response.ok()) refreshes.count += 1;
  });
  const tabs = [ada];
  while (tabs.length < many) tabs.push(await ada.newTab());
  for (const [at, tab] of tabs.entries()) await tab.open(at % 2 ? '/rooms' : '/settings');
  return { ada, tabs, refreshes };
}
