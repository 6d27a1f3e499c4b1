/** The settings in every state worth looking at, the connection check, and the page that undoes a change of address. */
import { expect } from './fixtures';
import type { Scene, Stage } from './scene';
import type { Visitor } from './visitor';
import { addressFor } from './words';

export const SETTINGS_SCENES: Scene[] = [
  { name: 'settings', show: settings },
  { name: 'settings-change-address', show: settingsChangeAddress },
  { name: 'settings-leave', show: settingsLeave },
  { name: 'connection', show: connection },
  { name: 'undo-email', show: undoEmail },
  { name: 'settings-busy', show: settingsBusy },
  { name: 'settings-somebody-else', show: settingsSomebodyElse },
];

async function settings({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await visitor.open('/settings');
  return visitor;
}

async function settingsChangeAddress(stage: Stage): Promise<Visitor> {
  const elsewhere = await stage.someone();
  const email = addressFor('Ada');
  await elsewhere.arrive('Ada Lovelace', { email });
  const visitor = await (await stage.someone()).arrive('Ada Lovelace', { email });
  await visitor.open('/settings');
  await visitor.askToChangeAddress(addressFor('Countess'));
  return visitor;
}

async function settingsLeave({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await visitor.openRoom('Kitchen table');
  await visitor.open('/settings/leave');
  return visitor;
}

/** The steps that need nobody are done. No person has clicked, so no packets of sound were counted. */
async function connection({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await visitor.open('/connection');
  await expect(visitor.page.locator('[data-check="relay"]')).toHaveAttribute('data-result', 'skipped', { timeout: 20_000 });
  return visitor;
}

async function undoEmail(stage: Stage): Promise<Visitor> {
  const email = addressFor('Ada');
  const visitor = await (await stage.someone()).arrive('Ada', { email });
  const fresh = addressFor('Countess');
  await visitor.callEndpoint('auth/request_email_change', { email: fresh });
  await visitor.callEndpoint('auth/confirm_email_change', { code: await visitor.readCode(fresh) });
  await visitor.open(await visitor.readLink(email));
  return visitor;
}

async function settingsSomebodyElse(stage: Stage): Promise<Visitor> {
  const visitor = await settings(stage);
  // Sign Ben in without the page, as if he had signed in in another tab of this browser.
  await visitor.arrive('Ben');
  await visitor.save('Countess');
  await expect(visitor.page.getByRole('link', { name: 'Load it again' })).toBeVisible();
  return visitor;
}

/** The typed name is kept while the server can't write. */
async function settingsBusy(stage: Stage): Promise<Visitor> {
  const visitor = await settings(stage);
  visitor.troubles.allow(/status of 503/);
  const json = { kind: 'unavailable', detail: 'Try again in a moment.' };
  await visitor.page.route('**/api/profile/activate', (route) => route.fulfill({ status: 503, json }));
  await visitor.save('Countess');
  await expect(visitor.awayBanner).toBeVisible();
  return visitor;
}
