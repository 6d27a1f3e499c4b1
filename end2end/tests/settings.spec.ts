/** The settings: the test of the microphone, light or dark, and leaving for good. */
import { expect, test } from '../support/fixtures';
import { addressFor, own } from '../support/words';

test('people test their microphone, choose dark pages, and leave for good while somebody else keeps their room', async ({ someone, startBrowser }) => {
  const email = addressFor('Ada');
  const ada = await (await someone({ in: await startBrowser({ tone: 440 }) })).arrive('Ada', { email });
  const ben = await (await someone()).arrive('Ben');
  const room = await ada.openRoom(own('Tea'));
  await ben.enter(room);

  await ada.open('/settings');
  const sound = ada.page.getByRole('region', { name: 'Sound' });
  await sound.getByRole('button', { name: 'Test your microphone' }).click();
  await expect(sound.getByText('We hear you.')).toBeVisible();
  await sound.getByRole('button', { name: 'Stop the test' }).click();
  await expect(sound.getByText('Only you see this test.')).toBeVisible();

  const paper = () => ada.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await ada.page.getByRole('button', { name: 'Dark', exact: true }).click();
  await expect(ada.page.getByRole('button', { name: 'Dark', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(paper).not.toBe(light);
  await ada.reload();
  await expect(ada.page.locator('html')).toHaveAttribute('data-theme', 'dark');

  await ada.page.getByRole('link', { name: 'Leave for good' }).click();
  await expect(ada.heading('What is deleted')).toBeVisible();
  await ada.page.getByLabel('Type your e-mail address to confirm').fill(email);
  await ada.page.getByRole('button', { name: 'Delete my account' }).click();
  await expect(ada.page.getByText('Your account is deleted.')).toBeVisible();
  await expect(ben.participant('Ada')).toHaveCount(0);
  await expect(ben.page.getByRole('button', { name: 'Host tools' }), 'the room is his now').toBeVisible();
});
