/** The settings: signed-in devices, and the address of the account. */
import { expect, test } from '../support/fixtures';
import { addressFor } from '../support/words';

test('a device that is signed out from another one leaves its room and says why', async ({ someone }) => {
  const email = addressFor('Ada');
  const [laptop, phone] = [await someone(), await someone()];
  await laptop.signIn(email);
  await laptop.comeIn('Ada');
  await laptop.isAt('/rooms');
  await phone.signIn(email);
  const ben = await (await someone()).arrive('Ben');
  const room = await ben.openRoom('Tea');
  await phone.enter(room);
  await expect(ben.participant('Ada')).toBeVisible();

  await laptop.open('/settings');
  await expect(laptop.devices).toHaveCount(2);
  await expect(laptop.devices.filter({ hasText: 'this one' })).toHaveCount(1);
  await laptop.page.getByRole('button', { name: /^Sign out Chrome/ }).click();
  await expect(laptop.devices).toHaveCount(1);
  await expect(ben.participant('Ada')).toHaveCount(0);
  await expect(phone.heading(/session on this device has ended/)).toBeVisible();
  expect(await laptop.isSignedIn()).toBe(true);
});

test('all other devices are signed out at once, with scripts off too', async ({ someone }) => {
  const email = addressFor('Ada');
  const [laptop, phone, tablet] = [await someone({ javaScriptEnabled: false }), await someone(), await someone()];
  await laptop.signIn(email);
  await laptop.comeIn('Ada');
  for (const other of [phone, tablet]) {
    // The list of rooms on these devices tries to reconnect before the page goes to the sign-in.
    other.troubles.allow(/WebSocket connection to/);
    await other.signIn(email);
  }
  await laptop.open('/settings');
  await expect(laptop.devices).toHaveCount(3);
  await laptop.page.getByRole('button', { name: 'Sign out all other devices' }).click();
  await laptop.isAt('/settings');
  await expect(laptop.devices).toHaveCount(1);
  for (const other of [phone, tablet]) expect(await other.isSignedIn()).toBe(false);
});

test('a code sent to the new address changes the address, and a link sent to the old one undoes the change', async ({ someone }) => {
  const ada = await someone();
  const [old, fresh] = [addressFor('Ada'), addressFor('Countess')];
  await ada.signIn(old);
  await ada.comeIn('Ada');
  await ada.isAt('/rooms');
  await ada.open('/settings');
  await ada.askToChangeAddress(fresh);
  await ada.confirmAddress('000000');
  await expect(ada.main.getByText(/not the code/)).toBeVisible();
  await ada.confirmAddress(await ada.readCode(fresh));
  await expect(ada.main.getByText(fresh)).toBeVisible();
  await expect(ada.main.getByText(/We wrote to the old address/)).toBeVisible();

  const owner = await someone();
  await owner.open(await owner.readLink(old));
  await owner.page.getByRole('button', { name: 'Put the address back' }).click();
  await owner.isAt('/sign-in');
  expect(await ada.isSignedIn()).toBe(false);
  await owner.signIn(old);
  await owner.open('/settings');
  await expect(owner.main.getByText(old)).toBeVisible();
});

test('the address is changed with scripts off', async ({ someone }) => {
  const ada = await someone({ javaScriptEnabled: false });
  const [old, fresh] = [addressFor('Ada'), addressFor('Countess')];
  await ada.signIn(old);
  await ada.comeIn('Ada');
  await ada.open('/settings');
  await ada.newAddress.fill('ada@nowhere');
  await ada.page.getByRole('button', { name: 'Send a code there' }).click();
  await expect(ada.main.getByText(/does not look like an e-mail address/)).toBeVisible();
  await ada.askToChangeAddress(fresh);
  await ada.confirmAddress(await ada.readCode(fresh));
  await ada.isAt('/settings');
  await expect(ada.main.getByText(fresh)).toBeVisible();
});
