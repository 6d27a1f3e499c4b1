/** The link in a letter: it opens a page with one button, which signs in, in any browser. */
import { expect, test } from '../support/fixtures';
import { addressFor } from '../support/words';

for (const javaScriptEnabled of [true, false]) {
  test(`a link signs in on another device and leads to the room, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, async ({ someone }) => {
    const room = await (await (await someone()).arrive('Mina')).openRoom('Tea');
    const [laptop, phone] = [await someone(), await someone({ javaScriptEnabled })];
    const email = addressFor('Tom');
    await laptop.open(room);
    await laptop.isAt('/sign-in');
    await laptop.askForCode(email);
    await phone.open(await phone.readLink(email));
    await expect(phone.page.getByRole('heading', { name: /^Sign in as t…@e….*\?$/ })).toBeVisible();
    await phone.signInButton.click();
    await phone.isAt('/activate');
    await phone.comeIn('Tom');
    await phone.isAt(room);
  });
}

test('a used link says so, and the code of the same letter no longer works either', async ({ someone }) => {
  const [laptop, phone] = [await someone(), await someone()];
  const email = addressFor('Ada');
  await laptop.open('/sign-in');
  await laptop.askForCode(email);
  const letter = await laptop.server.outbox.read(email);
  const path = letter.link!.slice(new URL(letter.link!).origin.length);
  await phone.open(path);
  await phone.signInButton.click();
  await phone.isAt('/activate');
  await laptop.enterCode(letter.code!);
  await expect(laptop.main.getByText(/no longer works here/)).toBeVisible();
  const again = await someone();
  expect((await again.open(path)).status()).toBe(410);
  await expect(again.page.getByRole('heading', { name: 'This link no longer works.' })).toBeVisible();
  await again.page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await again.isAt('/sign-in');
});
