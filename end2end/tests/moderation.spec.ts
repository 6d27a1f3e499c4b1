/** What hosts see when they act on somebody: an answer with "Undo", or a question first. */
import { underToastsAt } from '../support/boxes';
import { expect, test } from '../support/fixtures';
import { own } from '../support/words';

test('actions are answered with a toast whose "Undo" takes them back', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const luis = await (await someone()).arrive('Luis');
  const room = await mina.openStage(own('Clinic'));
  await luis.enter(room);
  await mina.bringUp(luis, 'Luis');
  await expect(mina.toast('Luis is on the stage.')).toBeVisible();

  await mina.about('Luis', 'Mute for everyone');
  await expect(luis.part('Mina muted you. You can speak again once a host lets you.')).toBeVisible();
  await expect(mina.toast('Muted Luis.')).toBeVisible();
  const usual = mina.page.viewportSize() ?? { width: 1280, height: 720 };
  for (const [width, height] of [[740, 360], [640, 400], [360, 740], [usual.width, usual.height]]) {
    expect(await underToastsAt(mina.page, { width, height }), `under a toast at ${width} x ${height}`).toEqual([]);
  }
  // The toast is above a sheet that opens later.
  await mina.openModerationPanel();
  await mina.undo('Muted Luis.');
  await mina.closeModerationPanel();
  await expect(luis.part('Mina lets you speak again.')).toHaveCount(1);
  await expect(luis.unmuteButton).toBeVisible();

  await mina.about('Luis', 'Move to the audience');
  await expect(luis.raiseHandButton).toBeVisible();
  await mina.undo('Moved Luis to the audience.');
  await expect(luis.unmuteButton).toBeVisible();

  await mina.about('Luis', 'Remove');
  await expect(luis.heading(/^Mina removed you from/)).toBeVisible();
  await mina.undo('Removed Luis for 10 minutes.');
  await expect(async () => expect((await luis.open(room)).status()).toBe(200)).toPass();
  await luis.join();

  // A ban is asked first. Only the question is on the screen, and Escape and "Cancel" close only the question.
  await mina.more('Luis').click();
  const question = mina.page.getByRole('dialog', { name: 'Ban Luis?' });
  for (const key of ['Escape', 'Enter']) {
    await mina.menuItem('Ban').click();
    await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await expect(mina.page.getByRole('dialog')).toHaveCount(1);
    await mina.page.keyboard.press(key);
    await expect(question).toBeHidden();
    await expect(mina.menuItem('Ban')).toBeFocused();
  }
  // If the sheet is closed together with the question, the focus goes back to the face.
  await mina.menuItem('Ban').click();
  await expect(question).toBeVisible();
  await mina.page.mouse.click(2, 2);
  await expect(mina.page.getByRole('dialog')).toHaveCount(0);
  await expect(mina.more('Luis')).toBeFocused();
  await mina.about('Luis', 'Ban');
  await expect(luis.heading('A host has banned you from this room.')).toBeVisible();
  await mina.undo('Banned Luis.');
  await expect(async () => expect((await luis.open(room)).status()).toBe(200)).toPass();

  // A host who has left can't undo anything, and reads that.
  await luis.join();
  await mina.about('Luis', 'Remove');
  await expect(mina.toast('Removed Luis for 10 minutes.')).toBeVisible();
  await mina.leave();
  await mina.undo('Removed Luis for 10 minutes.');
  await expect(mina.toast("That can't be undone right now.")).toBeVisible();
});

test('a toast leaves the buttons of an open sheet free, also in a low window', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const luis = await (await someone()).arrive('Luis');
  await luis.enter(await mina.openRoom(own('Clinic')));
  await mina.about('Luis', 'Mute for everyone');
  const toast = mina.toast('Muted Luis.');
  await mina.hostTools.click();
  await expect(mina.moderationPanel).toBeVisible();
  // The toast stays while its button has the focus, and a sheet that has just opened takes the focus.
  await toast.getByRole('button', { name: 'Undo', exact: true }).focus();
  for (const [width, height] of [[360, 640], [740, 360], [1024, 700]] as const) {
    await mina.page.setViewportSize({ width, height });
    const overlap = async (): Promise<number> => {
      const [sheet, over] = await Promise.all([mina.moderationPanel.boundingBox(), toast.boundingBox()]);
      if (!sheet || !over) return Number.POSITIVE_INFINITY;
      return Math.min(sheet.y + sheet.height, over.y + over.height) - Math.max(sheet.y, over.y);
    };
    await expect(toast).toBeVisible();
    await expect.poll(overlap, `${width} x ${height}`).toBeLessThanOrEqual(0);
  }
});

test('a toast that appears under a resting mouse disappears by itself', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const luis = await (await someone()).arrive('Luis');
  await luis.enter(await mina.openRoom(own('Clinic')));
  await mina.about('Luis', 'Mute for everyone');
  const box = await mina.toast('Muted Luis.').boundingBox();
  await mina.undo('Muted Luis.');
  await expect(mina.page.locator('.toast')).toHaveCount(0, { timeout: 15_000 });
  await mina.more('Luis').focus();
  if (box) await mina.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await mina.page.keyboard.press('Enter');
  await mina.menuItem('Mute for everyone').focus();
  await mina.page.keyboard.press('Enter');
  await expect(mina.toast('Muted Luis.')).toBeVisible();
  await expect(mina.toast('Muted Luis.')).toHaveCount(0, { timeout: 15_000 });
});

test('a host who is alone is told that the room closes, and can keep it open', async ({ someone }) => {
  const topic = own('Clinic');
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openRoom(topic);
  const link = await mina.readyLink();
  await mina.leaveButton.click();
  const question = mina.page.getByRole('dialog', { name: `Leave “${topic}”?` });
  await expect(question).toContainText('Nobody else is here. The room closes in a minute, and its link stops working.');
  await question.getByRole('button', { name: 'Stay' }).click();
  await expect(question).toBeHidden();
  await mina.isAt(room);
  await mina.leaveButton.click();
  await question.getByRole('button', { name: 'Keep it open' }).click();
  await mina.isAt('/rooms');
  await expect(mina.toast(`“${topic}” stays open, and its link works.`)).toBeVisible();
  await expect(mina.card(topic)).toContainText('Empty. Be the first.');
  const gina = await (await someone()).arriveAsGuest(link, 'Gina');
  await gina.isInside();

  // A permanent room does not close, so there is nothing to ask.
  await mina.enter(room);
  await gina.leave();
  await expect(mina.participant('Gina')).toHaveCount(0);
  await mina.leaveButton.click();
  await mina.isAt('/rooms');
});

test('a host who leaves others behind chooses whether the room goes on', async ({ someone }) => {
  const topic = own('Clinic');
  const mina = await (await someone()).arrive('Mina');
  const luis = await (await someone()).arrive('Luis');
  const room = await mina.openRoom(topic);
  await luis.enter(room);
  await mina.leaveButton.click();
  const question = mina.page.getByRole('dialog', { name: `Leave “${topic}”?` });
  await expect(question).toContainText('Luis takes over as host after a minute.');
  const stay = question.getByRole('button', { name: 'Keep talking' });
  await expect(stay).toBeFocused();
  await stay.click();
  await expect(mina.leaveButton).toBeFocused();
  await mina.leaveButton.click();
  await question.getByRole('button', { name: 'End for everybody' }).click();
  await expect(luis.heading('Mina ended this room.')).toBeVisible();
});
