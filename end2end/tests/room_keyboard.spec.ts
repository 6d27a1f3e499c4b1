/** A room with only a keyboard: the microphone is near, the roster is one stop, sheets give the focus back, and news is read out. axe looks at
 *  the same states. */
import { expectNoViolations } from '../support/axe';
import { expect, test } from '../support/fixtures';
import { hasFocus, hasLostFocus, pressUntil, startAtTheTop, stopsTo, tabTo } from '../support/keyboard';
import { ManyPeople } from '../support/many_people';
import { RoomKeys } from '../support/room_keys';
import { own } from '../support/words';

const PEOPLE = 40;

test('with 40 people, the microphone is one skip link away, and the roster is one stop that keeps the focus', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  const ada = await (await someone()).arrive('Ada');
  const { page } = ada;
  const others = await ManyPeople.on(page);
  await ada.enter(room);
  const stopsWithTwo = await stopsTo(page, ada.unmuteButton);
  const ids = others.come(Array.from({ length: PEOPLE - 2 }, () => ({})));
  const stage = ada.region('Stage');
  const people = stage.getByRole('list').getByRole('listitem');
  await expect(people, 'the roster is a list').toHaveCount(PEOPLE);

  expect(await stopsTo(page, ada.unmuteButton), 'Tabs from the top to the microphone').toBe(stopsWithTwo);
  const skip = page.getByRole('link', { name: 'To your microphone' });
  await startAtTheTop(page);
  await page.keyboard.press('Tab');
  if (!(await hasFocus(skip))) await page.keyboard.press('Tab');
  await expect(skip).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(ada.unmuteButton).toBeFocused();

  const faces = stage.locator('li[data-person] button.who');
  await expect(faces, 'everybody except Ada').toHaveCount(PEOPLE - 1);
  const stops = stage.locator('button.who[tabindex="0"], button.who:not([tabindex])');
  await expect(stops).toHaveCount(1);
  await startAtTheTop(page);
  await tabTo(page, stops);
  for (const [key, at] of [['Home', 0], ['ArrowRight', 1], ['ArrowLeft', 0], ['ArrowDown', 1], ['ArrowUp', 0], ['End', PEOPLE - 2]] as const) {
    await page.keyboard.press(key);
    await expect(faces.nth(at), key).toBeFocused();
  }
  await expect(stops, 'the stop is where the focus is').toHaveCount(1);
  await expect(stops).toBeFocused();

  // Somebody with an open microphone may move to the front. The focus moves with them.
  const last = ids.at(-1)!;
  const face = page.locator(`li[data-person="${last}"] button.who`);
  await expect(face).toBeFocused();
  others.change(last, { muted: false });
  await expect(page.locator(`li[data-person="${last}"]`)).toHaveAttribute('data-muted', 'false');
  await expect(face).toBeFocused();
  others.leave([last]);
  await expect(people).toHaveCount(PEOPLE - 1);
  await expect(page.locator('section.stage:focus-within'), 'the focus stays among the people').toHaveCount(1);
  await expect(stops).toHaveCount(1);

  // The audience shows 48 people at first. The button for the rest disappears, and the focus goes to the first of them.
  const listeners = others.come(Array.from({ length: 50 }, () => ({ role: 'listener' as const })));
  await page.getByRole('button', { name: 'and 2 more' }).press('Enter');
  await expect(page.locator(`li[data-person="${listeners[48]}"] button.who`)).toBeFocused();
});

test('a host does everything with the keyboard, sheets give the focus back, news is read out, and axe finds nothing', async ({ someone }) => {
  test.setTimeout(120_000);
  const ada = await (await someone({ reducedMotion: 'reduce' })).arrive('Ada');
  const tom = await (await someone({ reducedMotion: 'reduce' })).arrive('Tom');
  const { page } = ada;
  const keys = new RoomKeys(ada);
  const others = await ManyPeople.on(page);
  const room = await ada.openRoom(own('Tea'));
  await tom.enter(room);
  others.come([{ name: 'Mina' }, { name: 'Ravi' }]);
  await expect(ada.participant('Ravi')).toBeVisible();

  // The room's address is in the bar of the browser, and a guest needs the link in the sheet.
  let link = '';
  await keys.openAndClose(ada.inviteButton, ada.inviteSheet, async () => {
    await expect(ada.linkBox).not.toHaveValue('');
    link = new URL(await ada.linkBox.inputValue()).pathname;
  });
  await keys.openAndClose(page.getByRole('button', { name: 'Sound', exact: true }), page.locator('#sound'));
  await keys.press(page.getByRole('button', { name: 'Raise hand' }));
  await keys.press(page.getByRole('button', { name: 'Lower hand' }));
  await keys.press(ada.unmuteButton);
  await keys.press(ada.muteButton);
  await expect(ada.unmuteButton).toBeFocused();

  const [said, saidToTom] = [page, tom.page].map((one) => one.locator('[data-announcer]'));
  await expect(said).toHaveAttribute('role', 'status');
  await expect(saidToTom, 'Tom has just come in').toHaveText('', { timeout: 6_000 });
  const gus = await (await someone()).arriveAsGuest(link, 'Gus');
  await expect(said).toContainText('Gus');
  await expect(saidToTom).toContainText('Gus');
  await expectNoViolations(page, 'a room of five');
  await expect(saidToTom, 'the live region empties itself').toHaveText('', { timeout: 6_000 });

  // A person's sheet.
  const sheet = page.locator('#more-about');
  await keys.goToFace('Tom');
  await page.keyboard.press('Enter');
  await expect(sheet).toBeVisible();
  await expectNoViolations(page, 'the sheet about a person');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(keys.face('Tom')).toBeFocused();
  await keys.choose('Tom', 'Mute for everyone');
  await expect(tom.unmuteButton).toHaveCount(0);
  const undo = page.getByRole('button', { name: 'Undo', exact: true });
  await expect(said).toContainText('Muted Tom');
  await expect(undo).toBeVisible();
  await keys.press(undo);
  await expect(tom.unmuteButton).toBeVisible();
  await expect(undo).toHaveCount(0);
  await expect.poll(() => hasLostFocus(page), 'the focus is not lost with the toast').toBe(false);

  // News about people who are gone is in no list item.
  await keys.choose('Gus', 'Remove');
  await expect(said).toContainText('Removed Gus');
  await expect(saidToTom).toContainText('Gus');
  await expect(tom.page.getByRole('listitem').filter({ hasText: 'Gus' })).toHaveCount(0);
  await expect(page.locator('section.stage:focus-within'), 'the focus stays among the people').toHaveCount(1);
  await expect(gus.main).toContainText('Ada');
  await expect(saidToTom).toHaveText('', { timeout: 6_000 });

  const tools = page.getByRole('dialog', { name: 'Host tools' });
  await keys.openAndClose(page.getByRole('button', { name: 'Host tools', exact: true }), tools, () =>
    expectNoViolations(page, 'host tools'),
  );
  const leave = page.getByRole('button', { name: 'Leave', exact: true });
  const end = page.getByRole('button', { name: /^End.* for everybody$/ });
  const question = page.getByRole('dialog').filter({ has: page.getByRole('button', { name: 'Leave, the others stay' }) });
  await keys.openAndClose(leave, question, () => expectNoViolations(page, 'the question before leaving'));
  await page.keyboard.press('Enter');
  await expect(question).toBeVisible();
  // The focus is on "Keep talking", the last button.
  await pressUntil(page, 'Shift+Tab', end, 3);
  await page.keyboard.press('Enter');
  await ada.isAt('/rooms');
  await expect(tom.main).toContainText('Ada ended this room.');
  await expectNoViolations(tom.page, 'a room that has ended');
  await expect.poll(() => hasLostFocus(tom.page), 'the focus is not lost with the room').toBe(false);
});
