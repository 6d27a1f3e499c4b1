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
