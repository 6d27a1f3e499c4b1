/** Sheets on a phone held sideways: the heading and the button to close the sheet are in sight, although another button has the focus. */
import type { Locator } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import { own } from '../support/words';

const SIDEWAYS = { width: 740, height: 360 };

test('on a phone held sideways, a sheet opens with its heading in sight', async ({ someone }) => {
  const topic = own('Tea');
  const mina = await (await someone({ viewport: SIDEWAYS })).arrive('Mina');
  const room = await mina.openRoom(topic);
  const tom = await (await someone()).arrive('Tom');
  await tom.enter(room);
  await expect(mina.participant('Tom')).toBeVisible();

  await mina.openInvite();
  await expect(mina.copyButton).toBeFocused();
  await isInSight(mina.inviteSheet.getByRole('heading', { name: 'Invite people' }));
  await isInSight(mina.inviteSheet.getByRole('button', { name: 'Close' }));
  await isInSight(mina.copyButton);
  await mina.closeInvite();

  await mina.leaveButton.click();
  const question = mina.page.getByRole('dialog', { name: `Leave “${topic}”?` });
  await expect(question.getByRole('button', { name: 'Keep talking' })).toBeFocused();
  await isInSight(question.getByRole('heading'));
  await isInSight(question.getByRole('button', { name: 'Keep talking' }));
});

/** The element is in the window, and nothing is over its middle. */
async function isInSight(element: Locator): Promise<void> {
  await expect(element).toBeInViewport({ ratio: 1 });
  const isOnTop = (found: Element) => {
    const { left, right, top, bottom } = found.getBoundingClientRect();
    return found.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
  };
  await expect.poll(() => element.evaluate(isOnTop)).toBe(true);
}
