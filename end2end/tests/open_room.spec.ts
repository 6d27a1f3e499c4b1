/** The sheet for opening a room: what is visible beside a phone's keyboard, the hints, and the choice that the browser remembers. */
import { expect, test } from '../support/fixtures';
import type { Visitor } from '../support/visitor';

/** Sizes of the page: phones with an open keyboard, 200 % zoom on a laptop, and a large screen. */
const SIZES = [
  { width: 320, height: 400 },
  { width: 360, height: 400 },
  { width: 640, height: 400 },
  { width: 1440, height: 900 },
];

test('topic and Start are visible at every size, and the last choice is remembered', async ({ startServer, someone }) => {
  const ada = await (await someone({ on: await startServer(), viewport: SIZES[0] })).arrive('Ada');
  const { page } = ada;
  const start = page.getByRole('button', { name: 'Start' });
  await ada.open('/rooms');
  await expect(page.getByRole('button', { name: 'Open a room' })).toHaveCount(1);
  expect(await distanceToWords(ada), 'the button of an empty list is below the words').toBeLessThan(120);

  await ada.openRoomButton.click();
  const sheet = page.getByRole('dialog', { name: 'What shall we talk about?' });
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await expect(ada.topicBox).toBeInViewport({ ratio: 1 });
    await expect(start).toBeInViewport({ ratio: 1 });
    const boxes = await sheet.getByRole('radio').evaluateAll((radios) => radios.map((radio) => radio.getBoundingClientRect().toJSON()));
    const lines = new Set(boxes.map(({ top }) => Math.round(top)));
    expect(lines.size, 'each choice is one line').toBe(2);
    for (const { height } of boxes) expect(Math.round(height)).toBeGreaterThanOrEqual(44);
    expect(await sheet.evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0);
  }

  await page.getByRole('button', { name: 'Book club' }).click();
  await expect(ada.topicBox).toHaveValue('Book club');
  await expect(ada.topicBox).toBeFocused();
  const [openHint, socialHint] = [sheet.getByText('Everyone here sees it'), sheet.getByText('Only people you follow see it.')];
  await expect(openHint).toBeVisible();
  await expect(socialHint).toBeHidden();
  await ada.kind('Social').check();
  await sheet.getByRole('radio', { name: 'Stage' }).check();
  await expect(socialHint).toBeVisible();
  await expect(openHint).toBeHidden();
  await start.click();
  await ada.isAt(/^\/rooms\/.+/);

  await ada.open('/rooms');
  await ada.openRoomButton.click();
  await expect(ada.kind('Social')).toBeChecked();
  await expect(sheet.getByRole('radio', { name: 'Stage' })).toBeChecked();
});

/** How far the button to open a room is below the sentence of an empty list, in pixels. */
async function distanceToWords(visitor: Visitor): Promise<number> {
  const words = (await visitor.main.getByText('Open the first room').boundingBox())!;
  const button = (await visitor.openRoomButton.boundingBox())!;
  const distance = button.y - (words.y + words.height);
  expect(distance).toBeGreaterThanOrEqual(0);
  return distance;
}
