/** The people in a room: a calm order, one Tab stop, whole faces, and the names of those who talk out of sight. */
import { expect, test } from '../support/fixtures';
import { showManyPeople } from '../support/many_people';
import { own } from '../support/words';

test('people with open microphones come first, the focus stays with its person, and whoever talks out of sight is named', async ({ someone }) => {
  test.slow();
  const grace = await (await someone()).arrive('Grace');
  const tom = await (await someone()).arrive('Tom');
  const ada = await (await someone()).arrive('Ada');
  const { page } = ada;
  await showManyPeople(page, 38, 'speaker');
  await page.setViewportSize({ width: 360, height: 740 });
  const room = await grace.openRoom(own('Tea'));
  await tom.enter(room);
  await ada.enter(room);
  const people = ada.region('Stage').getByRole('listitem');
  await expect(people).toHaveCount(41);
  await expect(people.first()).toContainText('you');
  await expect(people.first().getByRole('button'), 'nothing can be done about oneself').toHaveCount(0);
  await expect(people.getByRole('button')).toHaveCount(40);
  await expect(page.locator('button.who[tabindex="0"]')).toHaveCount(1);

  // Tom opens the microphone and moves to the front, with the focus. In so large a room, only open microphones are marked.
  await ada.more('Tom').focus();
  await tom.unmute();
  await expect(people.first()).toContainText('Tom');
  await expect(people.nth(1)).toContainText('Ada');
  await expect(ada.more('Tom')).toBeFocused();
  await expect(ada.participant('Tom').locator('.who-mic')).toBeVisible();
  await expect(ada.participant('Grace').locator('.who-mic')).toBeHidden();

  const strip = page.locator('.now-talking');
  await expect(ada.participant('Tom')).toHaveAttribute('data-speaking', 'true', { timeout: 15_000 });
  await expect(strip).toHaveCount(0);
  await page.keyboard.press('End');
  await expect(people.last().getByRole('button')).toBeFocused();
  await expect(strip).toHaveText('Now: Tom', { timeout: 15_000 });
  await expect(people.first(), 'talking moves nobody').toContainText('Tom');
  await page.keyboard.press('Home');
  await expect(ada.more('Tom')).toBeFocused();
  await expect(strip).toHaveCount(0);

  // The next person whose face is a button is Grace.
  await tom.leave();
  await expect(ada.participant('Tom')).toHaveCount(0);
  await expect(ada.more('Grace')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(ada.more('Luis 1')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(ada.more('Grace')).toBeFocused();
});
