/** The error pages: for a page that does not exist, and for a page that the server can't render at the moment. */
import { forgetAccess } from './cookies';
import { expect } from './fixtures';
import type { Scene, Stage } from './scene';
import type { Visitor } from './visitor';

export const ERROR_SCENES: Scene[] = [
  { name: 'one-moment', show: oneMoment },
  { name: 'not-found', show: notFound },
];

/** The page that is shown while the server can't render the requested page. It usually reloads itself, but not in this scene. */
async function oneMoment({ server, someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  visitor.troubles.allow(/status of 503/);
  await forgetAccess(visitor.context);
  await server.database.ageSessions(3_600);
  const lock = await server.database.lock();
  await visitor.page.route('**/rooms', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), refresh: '' } });
  });
  await visitor.open('/rooms');
  await lock.release();
  await expect(visitor.heading('One moment.')).toBeVisible();
  return visitor;
}

async function notFound({ someone }: Stage): Promise<Visitor> {
  const visitor = await someone();
  await visitor.open('/no/such/page');
  return visitor;
}
