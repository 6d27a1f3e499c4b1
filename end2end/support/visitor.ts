/** A person with a browser: what they can do and see in rooms. For everything else see `tab.ts` and `account_holder.ts`. */
import { expect, type Locator } from '@playwright/test';
import { AccountHolder } from './account_holder';
import { beginningWith } from './words';

export type Kind = 'Open' | 'Social' | 'Private';
export type Mode = 'Everyone can talk' | 'Stage';

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

  /** Opens a new room on the page with the list, joins it, and returns its path. Without scripts, the person only sees the room's page. */
  async openRoom(topic: string, kind: Kind = 'Open', mode: Mode = 'Everyone can talk'): Promise<string> {
    const path = await this.openRoomAndLook(topic, kind, mode);
    if (this.scripts) await this.join();
    return path;
  }

  /** Opens a new room of the kind "Open" with a stage, where newcomers only listen. */
  openStage(topic: string): Promise<string> {
    return this.openRoom(topic, 'Open', 'Stage');
  }

  async openRoomAndLook(topic: string, kind: Kind = 'Open', mode: Mode = 'Everyone can talk'): Promise<string> {
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

  /** Opens a room's page and joins. */
  async enter(room: string): Promise<void> {
    await this.open(room);
    await this.join();
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

  /** Joins with one click, muted or as a listener. */
  async join(): Promise<void> {
    await this.joinButton.click();
    await expect(this.unmuteButton.or(this.raiseHandButton)).toBeVisible();
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

  participant(name: string): Locator {
    return this.page.getByRole('listitem', { name: beginningWith(name) });
  }

  get leaveButton(): Locator {
    return this.page.getByRole('button', { name: 'Leave quietly' });
  }

  async leave(): Promise<void> {
    await this.leaveButton.click();
    await this.isAt('/rooms');
  }

  // ---- The stage

  get raiseHandButton(): Locator {
    return this.page.getByRole('button', { name: 'Raise hand' });
  }

  get lowerHandButton(): Locator {
    return this.page.getByRole('button', { name: 'Lower hand' });
  }

  get acceptButton(): Locator {
    return this.page.getByRole('button', { name: 'Accept' });
  }

  region(name: 'Stage' | 'Audience' | 'Hands'): Locator {
    return this.page.getByRole('region', { name });
  }

  /** The sentence beside the controls about your role in the room. */
  part(words: string | RegExp): Locator {
    return this.page.getByRole('group', { name: 'Your voice' }).getByRole('status').filter({ hasText: words });
  }

  /** Opens the menu "More about NAME" and chooses an item. */
  async about(name: string, item: string): Promise<void> {
    await this.more(name).click();
    await this.menuItem(item).click();
  }

  /** As a host: invites `other` to the stage, and `other` accepts. */
  async bringUp(other: Visitor, name: string): Promise<void> {
    await this.about(name, 'Invite to the stage');
    await other.acceptButton.click();
    await expect(other.unmuteButton).toBeVisible();
  }

  get moderationPanel(): Locator {
    return this.page.getByRole('dialog', { name: 'Host’s desk' });
  }

  async openModerationPanel(): Promise<void> {
    await this.page.getByRole('button', { name: 'Host’s desk' }).click();
    await expect(this.moderationPanel).toBeVisible();
  }

  async closeModerationPanel(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await expect(this.moderationPanel).toBeHidden();
  }

  async endRoom(): Promise<void> {
    await this.page.getByRole('button', { name: 'End room' }).click();
    await this.page.getByRole('button', { name: 'Yes, for everybody' }).click();
  }

  more(name: string): Locator {
    return this.page.getByRole('button', { name: `More about ${name}` });
  }

  menuItem(name: string): Locator {
    return this.page.getByRole('menuitem', { name, exact: true });
  }

  // ---- Who may enter

  /** In your own open room: opens the form for guest links. */
  get guestLinks(): Locator {
    return this.page.getByText('Let guests in by a link');
  }

  /** Makes a link into your own room and returns its path. In an open room the link is for guests, unless `guests` says otherwise. */
  async makeLink({ people, guests }: { people?: string; guests?: boolean } = {}): Promise<string> {
    const makeButton = this.page.getByRole('button', { name: 'Make a link' });
    await expect(makeButton.or(this.guestLinks).first()).toBeVisible();
    if (!(await makeButton.isVisible())) await this.guestLinks.click();
    if (guests !== undefined) await this.page.getByRole('checkbox', { name: /^Guests can come in/ }).setChecked(guests);
    const links = this.page.getByRole('list', { name: 'Links into this room' }).getByRole('listitem');
    const before = await links.count();
    if (people) await this.page.getByLabel('and for').selectOption({ label: people });
    await makeButton.click();
    await expect(links).toHaveCount(before + 1);
    const link = await links.first().getByRole('textbox', { name: 'Invite link' }).inputValue();
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
