/** The main flow without scripts: every action is a plain form, from signing in to the page of a room with its list of people. */
import { isNear, lookAt } from '../support/colours';
import { expect, test } from '../support/fixtures';
import { RED, smallPhoto } from '../support/picture';
import { addressFor, own } from '../support/words';

const noScripts = { javaScriptEnabled: false };

test("from the front page to a room's roster, with a photo", async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  await expect(mina.participant('Mina')).toBeVisible();

  const ada = await someone(noScripts);
  await ada.open('/');
  await ada.main.getByRole('link', { name: 'Come in' }).click();
  await ada.isAt('/sign-in');
  await ada.signIn(addressFor('Ada'));
  await ada.comeIn('Ada Lovelace', { photo: smallPhoto() });
  await ada.isAt('/rooms');

  await ada.open(room);
  await expect(ada.participant('Mina')).toBeVisible();

  const { name, picture } = await ada.me();
  expect(name).toBe('Ada Lovelace');
  const look = await lookAt(mina.page, picture);
  expect(look.width).toBe(look.height);
  expect(isNear(look.centre, RED)).toBe(true);
});

test('a photo is sent as multipart', async ({ someone }) => {
  const ada = await someone(noScripts);
  await ada.signIn(addressFor('Ada'));
  const posted = ada.page.waitForRequest((request) => request.method() === 'POST');
  await ada.comeIn('Ada', { photo: smallPhoto() });
  expect((await posted).headers()['content-type']).toMatch(/^multipart\/form-data/);
});

for (const megabytes of [9, 13]) {
  test(`a photo of ${megabytes} MB is answered with a message, and typed text is kept`, async ({ someone }) => {
    const photo = { name: 'me.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(megabytes * 1024 * 1024, 0xff) };
    const mina = await (await someone()).arrive('Mina');
    const room = await mina.openRoom(own('Tea'));
    const ada = await someone(noScripts);
    await ada.page.goto(room);
    await ada.signIn(addressFor('Ada'));
    await ada.isAt('/activate');
    await ada.nameBox.fill('Ada Lovelace');
    await ada.photoInput.setInputFiles(photo);
    await ada.comeInButton.click();
    await expect(ada.notice(/too large/)).toBeVisible();
    await expect(ada.nameBox).toHaveValue('Ada Lovelace');
    await ada.comeInButton.click();
    await ada.isAt(room);

    await ada.open('/settings');
    await ada.nameBox.fill('Countess');
    await ada.photoInput.setInputFiles(photo);
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await expect(ada.notice(/too large/)).toBeVisible();
    await ada.isAt('/settings');
    await expect(ada.nameBox).toHaveValue('Countess');

    const gus = await someone(noScripts);
    await gus.open(await mina.readyLink());
    const link = gus.path;
    await gus.nameBox.fill('Gus');
    await gus.photoInput.setInputFiles(photo);
    await gus.comeInButton.click();
    await expect(gus.notice(/too large/)).toBeVisible();
    await gus.isAt(link);
    await expect(gus.nameBox).toHaveValue('Gus');
  });
}

test('a room can be opened and left', async ({ someone }) => {
  const topic = own('Reading group');
  const ada = await (await someone(noScripts)).arrive('Ada');
  const room = await ada.openRoom(topic, 'Social');
  await ada.unfoldTopic();
  await expect(ada.main.getByText('hosted by Ada')).toBeVisible();
  await ada.leave();
  await expect(ada.heading('Rooms')).toBeVisible();
  await ada.open(room);
  await ada.roomsLink.click();
  await expect(ada.heading('Rooms')).toBeVisible();
});

test('a link to a room leads through sign-up into that room', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  await expect(mina.participant('Mina')).toBeVisible();
  const tom = await someone(noScripts);
  await tom.page.goto(room);
  await tom.isAt('/sign-in');
  await tom.signIn(addressFor('Tom'));
  await tom.comeIn('Tom');
  await tom.isAt(room);
  await expect(tom.participant('Mina')).toBeVisible();
});

test('a wrong code is reported, and can be tried again', async ({ someone }) => {
  const ada = await someone(noScripts);
  const email = addressFor('Ada');
  await ada.open('/sign-in');
  await ada.askForCode(email);
  const code = await ada.readCode(email);
  await ada.enterCode(code === '000000' ? '000001' : '000000');
  await expect(ada.main.getByText(/code.*(not|wrong)|(not|wrong).*code/i).first()).toBeVisible();
  await ada.enterCode(code);
  await ada.isAt('/activate');
});

test('a name that is too long is answered with a message', async ({ someone }) => {
  const ada = await someone(noScripts);
  await ada.signIn(addressFor('Ada'));
  await ada.nameBox.evaluate((box: HTMLInputElement) => box.removeAttribute('maxlength'));
  await ada.nameBox.fill('A'.repeat(41));
  await ada.comeInButton.click();
  await expect(ada.main.getByText(/40/).first()).toBeVisible();
  await expect(ada.comeInButton).toBeVisible();
});

test('signing out works', async ({ someone }) => {
  const ada = await (await someone(noScripts)).arrive('Ada');
  await ada.signOut();
  await ada.isAt('/sign-in');
  expect(await ada.isSignedIn()).toBe(false);
});
