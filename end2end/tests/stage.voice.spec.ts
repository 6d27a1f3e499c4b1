/** The stage: hands, invitations, and what a host can do. */
import type { Page } from '@playwright/test';
import { expect, test, type Someone } from '../support/fixtures';
import { showManyPeople } from '../support/many_people';
import { hears } from '../support/hearing';
import { type Visitor } from '../support/visitor';
import { own } from '../support/words';

const [LOW, HIGH] = [440, 1100];

/** A stage that Mina has opened, with Kaya and Otto in the audience. */
async function minasStage(someone: Someone): Promise<{ room: string; mina: Visitor; kaya: Visitor; otto: Visitor }> {
  const mina = await (await someone()).arrive('Mina');
  const kaya = await (await someone()).arrive('Kaya');
  const otto = await (await someone()).arrive('Otto');
  const room = await mina.openStage(own('Clinic'));
  await kaya.enter(room);
  await otto.enter(room);
  return { room, mina, kaya, otto };
}

/** From now on, counts how often the page makes a sound of its own. */
async function countRings(page: Page): Promise<void> {
  await page.evaluate(() => {
    const make = BaseAudioContext.prototype.createOscillator;
    const counted = { rings: 0 };
    Object.assign(window, { soundsOfTest: counted });
    BaseAudioContext.prototype.createOscillator = function () {
      counted.rings += 1;
      return make.call(this);
    };
  });
}

function ringsOf(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { soundsOfTest: { rings: number } }).soundsOfTest.rings);
}

/** Makes the page believe that another tab is shown, or its own tab again. */
async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);
}

test('a host invites, mutes, moves, removes and bans people on a stage, and undoes it', async ({ someone, startBrowser }) => {
  test.slow();
  const mina = await (await someone()).arrive('Mina');
  const luis = await (await someone({ in: await startBrowser({ tone: LOW }) })).arrive('Luis');
  const [kaya, otto, jo] = [
    await (await someone()).arrive('Kaya'),
    await (await someone()).arrive('Otto'),
    await (await someone()).arrive('Jo'),
  ];
  // A misbehaving client: its microphone stays open, even if the page closes it.
  await luis.page.addInitScript(() => {
    const enabled = Object.getOwnPropertyDescriptor(MediaStreamTrack.prototype, 'enabled')!;
    Object.defineProperty(MediaStreamTrack.prototype, 'enabled', {
      get: enabled.get,
      set(this: MediaStreamTrack) {
        enabled.set!.call(this, true);
      },
    });
  });
  const room = await mina.openStage(own('Clinic'));
  for (const guest of [luis, kaya, otto, jo]) {
    await guest.enter(room);
    await expect(guest.part('You are listening. Raise your hand to speak.')).toBeVisible();
  }
  await expect(mina.region('Audience').getByRole('listitem')).toHaveCount(4);
  await expect(mina.region('Stage').getByRole('listitem')).toHaveCount(1);

  // Hands are queued in order, and only hosts see the queue.
  await luis.raiseHandButton.click();
  await expect(luis.part('Your hand is up, first in line.')).toBeVisible();
  await kaya.raiseHandButton.click();
  await expect(kaya.part('Your hand is up, second in line.')).toBeVisible();
  await jo.raiseHandButton.click();
  await expect(mina.region('Hands').getByRole('listitem')).toHaveText([/^\s*1.*Luis.*just now/s, /^\s*2.*Kaya/s, /^\s*3.*Jo/s]);
  await expect(jo.region('Hands')).toHaveCount(0);
  await mina.region('Hands').getByRole('button', { name: 'Lower the hand of Jo' }).click();
  await expect(jo.page.getByText('Your hand is down.').first()).toBeVisible();
  await expect(jo.raiseHandButton).toBeVisible();

  // The invited person's own button is "Come up", and there is no other one for the hand.
  await mina.about('Luis', 'Invite to the stage');
  await expect(luis.part("Mina invites you up to speak. You'll come up muted.")).toBeVisible();
  await expect(luis.page.getByRole('button', { name: / hand$/ })).toHaveCount(0);
  await luis.comeUpButton.click();
  await expect(luis.part('You are on the stage.')).toBeVisible();
  await luis.unmute();
  await hears(jo, [LOW]);
  await mina.region('Hands').getByRole('button', { name: 'Invite Kaya' }).click();
  await kaya.notNowButton.click();
  await expect(mina.region('Hands')).toHaveCount(0);
  await expect(kaya.raiseHandButton).toBeVisible();

  // Nobody hears Luis after "Mute for everyone", although his client goes on sending.
  await mina.about('Luis', 'Mute for everyone');
  await expect(luis.part(/^Mina muted you\. You can speak again once a host lets you\.$/)).toBeVisible();
  await hears(jo, []);
  await luis.page.keyboard.press('m');
  const held = luis.page.getByRole('button', { name: 'Muted by a host' });
  await expect(held).toBeDisabled();
  await expect(held).toBeFocused();
  await hears(jo, []);
  await mina.about('Luis', 'Allow to speak');
  await luis.unmute();
  await hears(jo, [LOW]);

  await mina.about('Luis', 'Move to the audience');
  await expect(mina.region('Stage')).toBeFocused();
  await expect(luis.part(/You are listening/)).toBeVisible();
  await expect(mina.region('Audience').getByRole('listitem').filter({ hasText: 'Luis' })).toBeVisible();
  await hears(jo, []);

  await mina.about('Otto', 'Remove');
  await expect(otto.heading(/^Mina removed you from/)).toBeVisible();
  expect((await otto.open(room)).status()).toBe(403);
  await expect(otto.main).toContainText('You can come back in ');
  await mina.about('Jo', 'Ban');
  await expect(jo.heading(/banned you/)).toBeVisible();
  await mina.openModerationPanel();
  await expect(mina.moderationPanel.getByText('A ban holds for this account.')).toBeVisible();
  // The buttons disappear when they have done it, and the focus stays where they were.
  await mina.moderationPanel.getByRole('button', { name: 'Undo: Mina removed Otto.' }).press('Enter');
  await expect(mina.moderationPanel.getByRole('heading', { name: 'History' })).toBeFocused();
  await mina.moderationPanel.getByRole('button', { name: 'Let Jo back in' }).press('Enter');
  // Nobody is left in that section, so it takes no space.
  await expect(mina.moderationPanel.getByRole('heading', { name: 'Removed' })).toBeHidden();
  await expect(mina.moderationPanel.getByRole('heading', { name: 'History' })).toBeFocused();
  await mina.closeModerationPanel();
  await otto.enter(room);
  await jo.enter(room);
  await expect(mina.region('Audience').getByRole('listitem')).toHaveCount(4);
});

test('a host hands the room over, a co-host takes over 60 s after the new host is lost, and ends the room', async ({ someone }) => {
  test.setTimeout(150_000);
  const { room, mina, kaya, otto } = await minasStage(someone);
  await mina.about('Otto', 'Make co-host');
  await expect(otto.part('You are co-host of this room.')).toBeVisible();
  await mina.about('Kaya', 'Make host');
  await expect(kaya.part("You're the host now.")).toBeVisible();
  await expect(mina.part('You are co-host of this room.')).toBeVisible();
  await otto.unfoldTopic();
  await expect(otto.main.getByText('hosted by Kaya')).toBeVisible();
  await otto.reload();
  await otto.isInside();
  await otto.unfoldTopic();

  const dropped = Date.now();
  await kaya.page.close();
  await expect(mina.notice(/Kaya, the host, is away/)).toBeVisible({ timeout: 10_000 });
  // Mina has been here longer than Otto, who loaded the page again.
  await expect(mina.part('You are host while Kaya is away.')).toBeVisible({ timeout: 80_000 });
  expect(Date.now() - dropped).toBeGreaterThan(55_000);
  await expect(otto.main.getByText('hosted by Mina')).toBeVisible();

  await mina.endRoom();
  await mina.isAt('/rooms');
  await expect(otto.heading('Mina ended this room.')).toBeVisible();
  await expect(otto.joinButton).toBeHidden();
  await expect(otto.inviteButton).toBeHidden();
  expect((await otto.open(room)).status()).toBe(404);
});

test('a guest who stands in has their own links, but not the rights of the owner, who hosts again on return', async ({ someone }) => {
  test.setTimeout(150_000);
  const mina = await (await someone()).arrive('Mina');
  const room = await mina.openStage(own('Clinic'));
  const linkOfMina = await mina.readyLink();
  const kaya = await someone();
  await kaya.open(linkOfMina);
  await kaya.nameBox.fill('Kaya');
  await kaya.comeInButton.click();
  await expect(kaya.raiseHandButton).toBeVisible();
  const otto = await (await someone()).arrive('Otto');
  await otto.enter(room);
  await mina.leave();
  await expect(kaya.part('You are host while Mina is away.')).toBeVisible({ timeout: 80_000 });
  await kaya.more('Otto').click();
  await expect(kaya.menuItem('Remove')).toBeVisible();
  for (const item of ['Ban', 'Make co-host', 'Make host']) {
    await expect(kaya.menuItem(item)).toHaveCount(0);
  }
  await kaya.page.keyboard.press('Escape');
  await kaya.openModerationPanel();
  await expect(kaya.page.getByRole('button', { name: /^End/ })).toHaveCount(0);
  await expect(kaya.moderationPanel.getByText(/The rest is up to the owner/)).toBeVisible();
  await expect(kaya.moderationPanel.getByRole('radio')).toHaveCount(0);
  await kaya.closeModerationPanel();
  expect(await kaya.readyLink()).not.toBe(linkOfMina);
  await kaya.changeInvite();
  await expect(kaya.links).toHaveCount(1);
  await kaya.closeInvite();

  await mina.enter(room);
  await expect(mina.part("You're the host now.")).toBeVisible();
  await expect(kaya.part(/You are listening/)).toBeVisible();
  await kaya.openInvite();
  await expect(kaya.inviteSheet.getByText(/To invite a guest, ask/)).toBeVisible();
  await expect(kaya.links).toHaveCount(0);
});

test('with only a keyboard, people raise a hand, invite, and accept an invitation', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const luis = await (await someone()).arrive('Luis');
  const room = await mina.openStage(own('Clinic'));
  await luis.enter(room);
  await luis.page.getByRole('link', { name: 'To your hand' }).focus();
  await luis.page.keyboard.press('Enter');
  await expect(luis.raiseHandButton).toBeFocused();
  await luis.page.keyboard.press('Enter');
  await expect(luis.lowerHandButton).toBeFocused();

  await mina.more('Luis').focus();
  await mina.page.keyboard.press('Enter');
  await expect(mina.menuItem('Follow')).toBeFocused();
  await mina.page.keyboard.press('ArrowDown');
  await expect(mina.menuItem('Invite to the stage')).toBeFocused();
  await mina.page.keyboard.press('Enter');
  await expect(mina.menuItem('Follow')).toBeHidden();
  await expect(mina.more('Luis')).toBeFocused();

  await luis.comeUpButton.focus();
  await luis.page.keyboard.press('Enter');
  await expect(luis.unmuteButton).toBeFocused();
  await luis.page.getByRole('button', { name: 'Leave the stage' }).focus();
  await luis.page.keyboard.press('Enter');
  await expect(luis.part(/You are listening/)).toBeVisible();
  await expect(luis.raiseHandButton).toBeFocused();
  await luis.page.keyboard.press('Enter');
  await mina.region('Hands').getByRole('button', { name: 'Invite Luis' }).focus();
  await mina.page.keyboard.press('Enter');
  await expect(mina.region('Hands').getByRole('button', { name: 'Invited Luis to the stage' })).toBeFocused();
  await luis.notNowButton.focus();
  await luis.page.keyboard.press('Enter');
  await expect(luis.raiseHandButton).toBeFocused();

  // By keyboard, the panel opens, switches the mode, and closes.
  await mina.hostTools.focus();
  await mina.page.keyboard.press('Enter');
  await mina.moderationPanel.getByRole('radio', { name: 'Stage' }).focus();
  await mina.page.keyboard.press('ArrowUp');
  await expect(luis.unmuteButton).toBeFocused();
  await mina.closeModerationPanel();
});

test('where everyone can talk, a hand rings and marks the tab of a host, and goes down when its owner unmutes', async ({ someone }) => {
  const mina = await (await someone()).arrive('Mina');
  const tom = await (await someone()).arrive('Tom');
  const room = await mina.openRoom(own('Kitchen table'));
  await tom.enter(room);
  await countRings(mina.page);
  await hide(mina.page, true);
  await tom.raiseHandButton.click();
  await expect(tom.part('Your hand is up, first in line.')).toBeVisible();
  await expect(mina.page).toHaveTitle(/^✋ Tom · Kitchen table/);
  expect(await ringsOf(mina.page)).toBe(1);
  const queue = mina.region('Hands');
  await expect(queue.getByRole('listitem')).toHaveText(/Tom.*just now/s);
  await expect(queue.getByRole('button', { name: /^Invite/ })).toHaveCount(0);
  await hide(mina.page, false);
  await expect(mina.page).not.toHaveTitle(/✋/);

  // One's own hand does not ring.
  await mina.raiseHandButton.click();
  await expect(tom.part('Your hand is up, first in line.')).toBeVisible();
  await expect(mina.part('Your hand is up, second in line.')).toBeVisible();
  await tom.unmute();
  await expect(tom.lowerHandButton).toHaveCount(0);
  await expect(mina.part('Your hand is up, first in line.')).toBeVisible();
  expect(await ringsOf(mina.page)).toBe(1);
});

test('a permanent room stays on the list while nobody is inside', async ({ someone }) => {
  const topic = own('Library');
  const mina = await (await someone()).arrive('Mina');
  const tom = await (await someone()).arrive('Tom');
  const room = await mina.openRoom(topic);
  await mina.openModerationPanel();
  await mina.moderationPanel.getByRole('checkbox', { name: 'Permanent room' }).check();
  await expect(mina.moderationPanel.getByText('Mina made this a permanent room.')).toBeVisible();
  await mina.closeModerationPanel();
  await mina.leave();
  await tom.open('/rooms');
  await expect(tom.card(topic)).toContainText('Empty. Be the first.');
  await expect(tom.card(topic)).toContainText('Permanent');
  await tom.enter(room);
  await tom.unfoldTopic();
  await expect(tom.main.getByText('hosted by Mina')).toBeVisible();
});

test('at 12 people the page suggests a stage to the host, who can decline', async ({ someone }) => {
  const switchButton = { name: 'Switch to Stage' };
  const mina = await (await someone()).arrive('Mina');
  await showManyPeople(mina.page, 10, 'speaker');
  await mina.openRoom(own('Tea'));
  await expect(mina.main.getByText('11 here')).toBeVisible();
  await expect(mina.page.getByRole('button', switchButton)).toHaveCount(0);

  const ada = await (await someone()).arrive('Ada');
  await showManyPeople(ada.page, 11, 'speaker');
  const room = await ada.openRoom(own('Tea'));
  await expect(ada.page.getByRole('button', switchButton)).toBeVisible();
  await ada.page.getByRole('button', { name: 'Not now' }).click();
  await expect(ada.page.getByRole('button', switchButton)).toHaveCount(0);
  await expect(ada.region('Stage'), 'the focus is not lost with the button').toBeFocused();
  const tom = await (await someone()).arrive('Tom');
  await tom.enter(room);
  await expect(tom.unmuteButton).toBeVisible();
});
