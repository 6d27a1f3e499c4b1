/** Two pages of one person in one room: each says what the other one does. */
import { expect, test } from '../support/fixtures';
import { own } from '../support/words';

test('a second page says that the person is inside, and that they talk on the other page', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  const room = await ada.openRoom(own('Tea'));
  await ada.unmute();
  const second = await ada.newTab();
  await second.open(room);
  await expect(second.main.getByText('You are in this room on another page.')).toBeVisible();
  await expect(second.main.getByText('Nobody can see you')).toHaveCount(0);

  await second.join();
  const talksElsewhere = second.notice(/You are talking on another page or device\. Unmute to talk here\./);
  await expect(talksElsewhere).toBeVisible();
  await expect(second.unmuteButton).toBeVisible();
  await ada.mute();
  await expect(talksElsewhere, 'now both pages are muted').toHaveCount(0);
  await expect(second.participant('Ada')).toHaveAttribute('data-muted', 'true');
  await ada.unmute();
  await expect(talksElsewhere).toBeVisible();
  await second.unmute();
  await expect(talksElsewhere).toHaveCount(0);
  await expect(second.participant('Ada')).toHaveAttribute('data-muted', 'false');
  await expect(ada.unmuteButton).toBeVisible();
  await expect(ada.notice(/another page or device/)).toBeVisible();
});

test('a page that looks in says that nobody sees the person, once they have left on the other page', async ({ someone }) => {
  const ada = await (await someone()).arrive('Ada');
  const room = await (await (await someone()).arrive('Mina')).openRoom(own('Tea'));
  await ada.enter(room);
  const second = await ada.newTab();
  await second.open(room);
  await expect(second.main.getByText('You are in this room on another page.')).toBeVisible();
  await ada.leave();
  await expect(second.main.getByText("You're looking in. Nobody can see you.")).toBeVisible();
});
