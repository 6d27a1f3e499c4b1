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

test('held sideways, the sheet to invite begins at its top, with the whole code and "Copy" in sight', async ({ someone }) => {
  const mina = await (await someone({ viewport: { width: 740, height: 360 } })).arrive('Mina');
  await mina.openRoom(own('Clinic'));
  await mina.openInvite();
  await expect(mina.linkBox).not.toHaveValue('');
  await expect(mina.copyButton).toBeFocused();
  const head = await mina.inviteSheet.getByRole('heading', { name: 'Invite people' }).boundingBox();
  for (const part of [mina.inviteSheet.locator('.qr-picture').first(), mina.copyButton]) {
    await expect(part).toBeInViewport({ ratio: 1 });
    expect((await part.boundingBox())!.y).toBeGreaterThanOrEqual(head!.y + head!.height);
  }
});

test('the lines of a sentence with a button in it are as far apart as other lines', async ({ someone }) => {
  const mina = await (await someone({ viewport: { width: 360, height: 740 } })).arrive('Mina');
  await mina.openRoom(own('Clinic'));
  await mina.openInvite();
  const hint = mina.inviteSheet.locator('.hint').filter({ has: mina.page.getByRole('button', { name: 'Change' }) });
  await expect(hint).toContainText('They need no account.');
  const heights = await hint.evaluate((hint) => {
    const high = () => Math.round(hint.getBoundingClientRect().height);
    const usual = high();
    hint.querySelector('button')!.style.cssText = 'margin: 0; padding: 0';
    return [usual, high()];
  });
  expect(heights[0], 'the target of the button adds nothing').toBe(heights[1]);
});
