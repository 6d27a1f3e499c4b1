/** The bar with your controls in a room, on phones: where its buttons are, and what the sentence about your role covers. */
import type { Locator } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import { ManyPeople } from '../support/many_people';
import { own } from '../support/words';

const PHONE = { width: 360, height: 740 };

test("on phones, a listener's hand is in the middle between two buttons, and no button of a speaker needs three lines", async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openStage(own('Clinic'));
  const kaya = await (await someone({ viewport: PHONE })).arrive('Kaya');
  await kaya.enter(room);
  for (const width of [320, 360, 390]) {
    await kaya.page.setViewportSize({ width, height: 740 });
    const [left, hand, right] = [await edges(kaya.inviteButton), await edges(kaya.raiseHandButton), await edges(kaya.soundButton)];
    expect(Math.abs((hand.start + hand.end) / 2 - width / 2), `the middle at ${width} px`).toBeLessThan(2);
    expect(left.end).toBeLessThanOrEqual(hand.start);
    expect(right.start).toBeGreaterThanOrEqual(hand.end);
  }

  await mina.bringUp(kaya, 'Kaya');
  const leave = kaya.page.getByRole('button', { name: 'Leave the stage', exact: true });
  for (const width of [320, 360, 390, 430, 560]) {
    await kaya.page.setViewportSize({ width, height: 740 });
    for (const button of [leave, kaya.raiseHandButton]) expect(await lines(button), `at ${width} px`).toBeLessThan(2.5);
  }
  // The button to invite changes sides, and keeps the focus.
  await kaya.inviteButton.focus();
  await mina.about('Kaya', 'Move to the audience');
  await expect(kaya.raiseHandButton).toBeVisible();
  await expect(leave).toHaveCount(0);
  await expect(kaya.inviteButton).toBeFocused();
});

test('a full room opens at its top, with the focus on the microphone', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(own('Tea'));
  const ada = await (await someone({ viewport: PHONE })).arrive('Ada');
  const others = await ManyPeople.on(ada.page);
  await ada.enter(room);
  others.come(Array.from({ length: 14 }, () => ({})));
  await expect(ada.page.locator('li[data-person]')).toHaveCount(16);
  await ada.page.evaluate(() => scrollTo(0, 0));
  await ada.reload();
  await expect(ada.unmuteButton).toBeFocused();
  await expect(ada.page.locator('li[data-person]')).toHaveCount(16);
  expect(await ada.page.evaluate(() => scrollY)).toBe(0);
  await expect(ada.page.locator('li[data-person]').first().locator('.who-face')).toBeInViewport({ ratio: 1 });
});

test('news about your role lies over no name at the end of the page', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openStage(own('Clinic'));
  const kaya = await (await someone({ viewport: PHONE })).arrive('Kaya');
  const others = await ManyPeople.on(kaya.page);
  await kaya.open(room);
  await expect(kaya.joinButton).toBeEnabled();
  others.come(Array.from({ length: 30 }, () => ({ role: 'listener' as const })));
  await expect(kaya.page.locator('li[data-person]')).toHaveCount(31);
  await kaya.join();
  await expect(kaya.page.locator('.own-role[data-fresh]')).toHaveText(/^You are listening/);
  const { news, name } = await kaya.page.evaluate(() => {
    scrollTo(0, document.documentElement.scrollHeight);
    const box = (selector: string) => [...document.querySelectorAll(selector)].at(-1)!.getBoundingClientRect().toJSON() as DOMRect;
    return { news: box('.own-role[data-fresh]'), name: box('li[data-person] .who-name') };
  });
  expect(name.bottom).toBeLessThanOrEqual(news.top);
});

async function edges(button: Locator): Promise<{ start: number; end: number }> {
  const box = (await button.boundingBox())!;
  return { start: box.x, end: box.x + box.width };
}

/** How many lines the words on a button take. */
function lines(button: Locator): Promise<number> {
  return button.locator(':scope > span').evaluate((words) => {
    const { height } = words.getBoundingClientRect();
    return height / Number.parseFloat(getComputedStyle(words).lineHeight);
  });
}
