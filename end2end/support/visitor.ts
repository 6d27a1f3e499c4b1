/** A person with a browser: what they can do and see in rooms. For everything else see `tab.ts` and `account_holder.ts`. */
import { expect, type Locator } from '@playwright/test';
import { AccountHolder } from './account_holder';
import { beginningWith } from './words';

export type Kind = 'Open' | 'Social' | 'Private';
export type Mode = 'Everyone can talk' | 'Stage';

/** The items of the menu about a person that open a sheet with a question, whose button has the same name. */
const ASKS_FIRST = ['Ban', 'Make host'];

export class Visitor extends AccountHolder {
  /** The same person in another tab of the same browser. */
  async newTab(): Promise<Visitor> {
    return new Visitor(this.context, await this.context.newPage(), this.server, this.troubles, this.scripts);
  }

  // ---- Rooms

  get search(): Locator {
    const name = 'Search';
    return this.page.getByRole('searchbox', { name }).or(this.page.getByRole('textbox', { name }));
  }

  get openRoomButton(): Locator {
    return this.page.getByRole('button', { name: 'Open a room' }).first();
  }

  get topicBox(): Locator {
    return this.page.getByRole('textbox', { name: 'Topic' });
  }

  kind(kind: Kind): Locator {
    return this.page.getByRole('radio', { name: beginningWith(kind) });
  }

  /** A room on the list. */
  card(topic: string): Locator {
    return this.main.getByRole('listitem').filter({ has: this.page.getByRole('link', { name: topic }) });
  }

  /** A link to another page of the list. */
  pageLink(name: 'Previous' | 'Next'): Locator {
    return this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name });
  }

  /** Opens a new room on the page with the list, and returns its path. "Start" also enters it. Without scripts, the person only sees the room's page. */
  async openRoom(topic: string, kind: Kind = 'Open', mode: Mode = 'Everyone can talk'): Promise<string> {
    const path = await this.startRoom(topic, kind, mode);
    if (this.scripts) await this.isInside();
    return path;
  }

  /** Opens a new room of the kind "Open" with a stage, where newcomers only listen. */
  openStage(topic: string): Promise<string> {
    return this.openRoom(topic, 'Open', 'Stage');
  }

  /** Opens a new room, and does not wait until the person is inside. */
  async startRoom(topic: string, kind: Kind = 'Open', mode: Mode = 'Everyone can talk'): Promise<string> {
    if (this.path !== '/rooms') await this.open('/rooms');
    await this.openRoomButton.click();
    await this.topicBox.fill(topic);
    await this.kind(kind).check();
    await this.page.getByRole('radio', { name: mode }).check();
    await this.page.getByRole('button', { name: 'Start' }).click();
    await this.isAt(/^\/rooms\/.+/);
    await expect(this.heading(topic)).toBeVisible();
    return this.path;
  }

  /** Opens the address of a room, which only looks in, and joins. */
  async enter(room: string): Promise<void> {
    await this.open(room);
    await this.join();
  }

  /** Enters a room of the list, which is open, by a press on its card. */
  async enterByCard(topic: string): Promise<void> {
    await this.card(topic).click();
    await this.isAt(/^\/rooms\/.+/);
    await this.isInside();
  }

  /** The button on a card that shows the room without joining it. */
  lookInButton(topic: string): Locator {
    return this.card(topic).getByRole('button', { name: 'Look in first', exact: true });
  }

  /** Looks into a room of the list, which is open, without joining it. */
  async lookInto(topic: string): Promise<void> {
    await this.lookInButton(topic).click();
    await this.isAt(/^\/rooms\/.+/);
    await expect(this.joinButton).toBeEnabled();
  }

  get joinButton(): Locator {
    return this.page.getByRole('button', { name: 'Join', exact: true });
  }

  get unmuteButton(): Locator {
    return this.page.getByRole('button', { name: 'Unmute', exact: true });
  }

  get muteButton(): Locator {
    return this.page.getByRole('button', { name: 'Mute', exact: true });
  }

  /** For a person who looks in: joins with one click, muted or as a listener. */
  async join(): Promise<void> {
    await this.joinButton.click();
    await this.isInside();
  }

  /** Waits until the person is in the room, muted or as a listener. */
  async isInside(): Promise<void> {
    // People who can talk have both buttons.
    await expect(this.unmuteButton.or(this.raiseHandButton).first()).toBeVisible();
  }

  /** Unmutes with one click. */
  async unmute(): Promise<void> {
    await this.unmuteButton.click();
    await expect(this.muteButton).toBeVisible();
  }

  async mute(): Promise<void> {
    await this.muteButton.click();
    await expect(this.unmuteButton).toBeVisible();
  }

  /** A person inside, on the list of the stage or of the audience. */
  participant(name: string): Locator {
    // "Tom" is not "Tom 1".
    const named = this.page.locator('.who-name', { hasText: beginningWith(name), hasNotText: new RegExp(`^${name} \\d`) });
    return this.page.locator('li[data-person]').filter({ has: named });
  }

  /** The link in a room's header. The call goes on behind it. */
  get roomsLink(): Locator {
    return this.main.getByRole('link', { name: 'Rooms', exact: true });
  }

  /** Shows the line below the topic of a room, with its kind and its host, if it is not shown. */
  async unfoldTopic(): Promise<void> {
    const facts = this.main.getByText(/^hosted by/);
    if (!(await facts.isVisible())) await this.main.getByRole('heading', { level: 1 }).click();
    await expect(facts).toBeVisible();
  }

  get soundButton(): Locator {
    return this.page.getByRole('button', { name: 'Sound', exact: true });
  }

  get soundSheet(): Locator {
    return this.page.getByRole('dialog', { name: 'Sound' });
  }

  async openSound(): Promise<void> {
    await this.soundButton.click();
    await expect(this.soundSheet).toBeVisible();
  }

  get hearYourselfButton(): Locator {
    return this.soundSheet.getByRole('button', { name: 'Hear yourself' });
  }

  get shortcutSwitch(): Locator {
    return this.soundSheet.getByRole('checkbox', { name: /^Keyboard shortcuts/ });
  }

  get leaveButton(): Locator {
    return this.page.getByRole('button', { name: 'Leave', exact: true });
  }

  /** Leaves, and lets the others stay. A host is asked, unless they are alone in a permanent room. */
  async leave(): Promise<void> {
    await this.leaveButton.click();
    const stay = this.page.getByRole('button', { name: /^Leave, the / });
    await expect.poll(async () => this.path === '/rooms' || (await stay.isVisible())).toBe(true);
    if (this.path !== '/rooms') await stay.click();
    await this.isAt('/rooms');
  }

  // ---- The stage

  get raiseHandButton(): Locator {
    return this.page.getByRole('button', { name: 'Raise hand' });
  }

  get lowerHandButton(): Locator {
    return this.page.getByRole('button', { name: 'Lower hand' });
  }

  get comeUpButton(): Locator {
    return this.page.getByRole('button', { name: 'Come up', exact: true });
  }

  get notNowButton(): Locator {
    return this.page.getByRole('button', { name: 'Not now', exact: true });
  }

  region(name: 'Stage' | 'Audience' | 'Hands'): Locator {
    return this.page.getByRole('region', { name });
  }

  /** The sentence beside the controls about your role in the room. */
  part(words: string | RegExp): Locator {
    return this.page.locator('.own-role').filter({ hasText: words });
  }

  /** Opens the sheet about a person with a press on their face, and chooses an item. */
  async about(name: string, item: string): Promise<void> {
    await this.more(name).click();
    await this.menuItem(item).click();
    if (ASKS_FIRST.includes(item)) await this.page.getByRole('button', { name: item, exact: true }).click();
  }

  /** As a host: invites `other` to the stage, and `other` accepts. */
  async bringUp(other: Visitor, name: string): Promise<void> {
    await this.about(name, 'Invite to the stage');
    await other.comeUpButton.click();
    await expect(other.unmuteButton).toBeVisible();
  }

  get moderationPanel(): Locator {
    return this.page.getByRole('dialog', { name: 'Host tools' });
  }

  get hostTools(): Locator {
    return this.page.getByRole('button', { name: 'Host tools', exact: true });
  }

  async openModerationPanel(): Promise<void> {
    await this.hostTools.click();
    await expect(this.moderationPanel).toBeVisible();
  }

  async closeModerationPanel(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await expect(this.moderationPanel).toBeHidden();
  }

  async endRoom(): Promise<void> {
    await this.openModerationPanel();
    await this.moderationPanel.getByRole('button', { name: 'End room', exact: true }).click();
    const question = this.page.getByRole('dialog', { name: 'End this room for everybody?' });
    await question.getByRole('button', { name: 'End for everybody' }).click();
  }

  /** A toast at the bottom of the page. */
  toast(words: string): Locator {
    return this.page.locator('.toast').filter({ hasText: words });
  }

  /** Presses "Undo" in a toast. */
  async undo(words: string): Promise<void> {
    await this.toast(words).getByRole('button', { name: 'Undo', exact: true }).click();
    await expect(this.toast(words)).toBeHidden();
  }

  /** A person's face. It is a button if this visitor can do something about the person. */
  more(name: string): Locator {
    return this.participant(name).getByRole('button');
  }

  menuItem(name: string): Locator {
    return this.page.getByRole('menuitem', { name, exact: true });
  }

  // ---- Inviting people

  /** The only button of this name: among the controls, or in the card that shows while you are alone. */
  get inviteButton(): Locator {
    return this.page.getByRole('button', { name: 'Invite', exact: true });
  }

  get inviteSheet(): Locator {
    return this.page.getByRole('dialog', { name: 'Invite people' });
  }

  get copyButton(): Locator {
    return this.inviteSheet.getByRole('button', { name: 'Copy', exact: true });
  }

  /** The link that the sheet offers. */
  get linkBox(): Locator {
    return this.inviteSheet.getByRole('textbox', { name: 'Link' });
  }

  /** The links in the sheet, the newest first. `changeInvite` shows them. */
  get links(): Locator {
    return this.inviteSheet.getByRole('list', { name: 'Links into this room' }).getByRole('listitem');
  }

  async openInvite(): Promise<void> {
    if (!(await this.inviteSheet.isVisible())) await this.inviteButton.click();
    await expect(this.inviteSheet).toBeVisible();
  }

  async closeInvite(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await expect(this.inviteSheet).toBeHidden();
  }

  /** In the sheet: shows the form for a link with other terms, and the list of links. */
  async changeInvite(): Promise<void> {
    await this.openInvite();
    const change = this.inviteSheet.getByRole('button', { name: 'Change' });
    await expect(this.linkBox).not.toHaveValue('');
    if ((await change.getAttribute('aria-expanded')) === 'false') await change.click();
    await expect(this.links.first()).toBeVisible();
  }

  /** The path of the link that is ready for hosts. It is good for a week and 50 people, and guests are welcome. */
  async readyLink(): Promise<string> {
    await this.openInvite();
    const link = await this.offeredLink();
    await this.closeInvite();
    return link;
  }

  /** Makes a new link into your own room, and returns its path. */
  async makeLink({ people = '10 people', guests = false }: { people?: string; guests?: boolean } = {}): Promise<string> {
    await this.changeInvite();
    const before = await this.links.count();
    await this.inviteSheet.getByLabel('up to').selectOption({ label: people });
    await this.inviteSheet.getByRole('checkbox', { name: /^Guests are welcome/ }).setChecked(guests);
    await this.inviteSheet.getByRole('button', { name: 'Make a link' }).click();
    await expect(this.links).toHaveCount(before + 1);
    await expect(this.links.first()).toContainText('Shown above');
    const link = await this.offeredLink();
    await this.closeInvite();
    return link;
  }

  private async offeredLink(): Promise<string> {
    await expect(this.linkBox).not.toHaveValue('');
    const link = await this.linkBox.inputValue();
    return link.slice(new URL(link).origin.length);
  }

  /** On the page of a link, joins its room. Without scripts, the person only sees the room's page. */
  async comeInByLink(): Promise<void> {
    await this.comeInButton.click();
    await this.isAt(/^\/rooms\/.+/);
    if (this.scripts) await expect(this.unmuteButton).toBeVisible();
  }

  /** Comes in by a guest link, with only a name. */
  async arriveAsGuest(link: string, name: string): Promise<this> {
    await this.open(link);
    await this.nameBox.fill(name);
    await this.comeInByLink();
    return this;
  }
}
