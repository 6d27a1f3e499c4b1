/** The main flows with only a keyboard, and with the focus always visible. */
import { expect } from '@playwright/test';
import { test } from '../support/fixtures';
import { chooserAfter, tabTo } from '../support/keyboard';
import { smallPhoto } from '../support/picture';
import { addressFor, own } from '../support/words';

test('from the front page into a room and out again, without a mouse', async ({ someone }) => {
  const ada = await someone();
  const { page } = ada;
  const email = addressFor('Ada');
  const topic = own('Tea');

  await ada.open('/');
  await tabTo(page, ada.main.getByRole('link', { name: 'Come in' }));
  await page.keyboard.press('Enter');
  await ada.isAt('/sign-in');

  await tabTo(page, ada.email);
  await page.keyboard.type(email);
  await page.keyboard.press('Enter');
  await expect(ada.code).toBeVisible();
  const code = await ada.readCode(email);
  await tabTo(page, ada.code);
  await page.keyboard.type(code);
  await page.keyboard.press('Enter');
  await ada.isAt('/activate');

  await expect(ada.nameBox).toBeFocused();
  await page.keyboard.type('Ada');
  await tabTo(page, ada.changeFaceButton);
  await page.keyboard.press('Enter');
  await tabTo(page, ada.photoInput);
  const chooser = await chooserAfter(page, () => page.keyboard.press('Enter'));
  await chooser.setFiles(smallPhoto());
  await expect(ada.preview).toBeVisible();
  await tabTo(page, ada.zoom);
  const before = await ada.zoom.inputValue();
  await page.keyboard.press('ArrowRight');
  expect(Number(await ada.zoom.inputValue())).toBeGreaterThan(Number(before));
  await tabTo(page, ada.page.getByRole('button', { name: 'Use photo' }));
  await page.keyboard.press('Enter');
  await expect(ada.changeFaceButton).toBeFocused();
  await tabTo(page, ada.comeInButton);
  await page.keyboard.press('Enter');
  await ada.isAt('/rooms');

  await tabTo(page, ada.openRoomButton);
  await page.keyboard.press('Enter');
  await expect(ada.topicBox).toBeVisible();
  await tabTo(page, ada.topicBox);
  await page.keyboard.type(topic);
  await tabTo(page, page.locator('input[name=kind]:checked'));
  await page.keyboard.press('ArrowRight');
  await expect(ada.kind('Social')).toBeChecked();
  await page.keyboard.press('ArrowLeft');
  await expect(ada.kind('Open')).toBeChecked();
  await tabTo(page, page.getByRole('button', { name: 'Start' }));
  await page.keyboard.press('Enter');
  await ada.isAt(/^\/rooms\/.+/);
  await expect(ada.unmuteButton, 'Start enters the room').toBeFocused();
  await expect(ada.participant('Ada')).toBeVisible();

  await tabTo(page, ada.leaveButton);
  await page.keyboard.press('Enter');
  // The room would close, so the button that changes nothing has the focus.
  await expect(page.getByRole('button', { name: 'Stay', exact: true })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await ada.isAt('/rooms');
});

test('the form to open a room closes with Escape and gives the focus back', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  await ada.open('/rooms');
  await tabTo(ada.page, ada.openRoomButton);
  await ada.page.keyboard.press('Enter');
  await expect(ada.topicBox).toBeVisible();
  await ada.page.keyboard.press('Escape');
  await expect(ada.topicBox).toBeHidden();
  await expect(ada.openRoomButton).toBeFocused();
});

test('sign in by a link, sign out another device, change the address and undo it, without a mouse', async ({ someone }) => {
  const [laptop, phone] = [await someone(), await someone()];
  const { page } = phone;
  const [old, fresh] = [addressFor('Ada'), addressFor('Countess')];
  await laptop.arrive('Ada', { email: old });
  await (await someone()).callEndpoint('auth/request_code', { email: old });
  await phone.open(await phone.readLink(old));
  await tabTo(page, phone.signInButton);
  await page.keyboard.press('Enter');
  await phone.isAt('/rooms');

  await phone.open('/settings');
  await tabTo(page, phone.newAddress);
  await page.keyboard.type(fresh);
  await page.keyboard.press('Enter');
  await expect(phone.code).toBeVisible();
  await tabTo(page, phone.code);
  await page.keyboard.type(await phone.readCode(fresh));
  await page.keyboard.press('Enter');
  await expect(phone.main.getByText(/We wrote to the old address/)).toBeVisible();
  await tabTo(page, phone.main.getByRole('button', { name: /^Sign out Chrome/ }));
  await page.keyboard.press('Enter');
  await expect(phone.devices).toHaveCount(1);

  await phone.open(await phone.readLink(old));
  await tabTo(page, page.getByRole('button', { name: 'Put the address back' }));
  await page.keyboard.press('Enter');
  await phone.isAt('/sign-in');
});
