/** A person with a browser: what one can do in Snug and what one can see there. */
import { expect, type BrowserContext, type Locator, type Page, type Response } from '@playwright/test';
import type { Picture } from './picture';
import type { Server } from './server';
import { Troubles } from './troubles';
import { addressFor, beginningWith } from './words';

export type Kind = 'Open' | 'Social' | 'Private';
export type Mode = 'Everyone may talk' | 'Stage';

/** What `me` and `activate` answer. */
export interface Me {
  id: string;
  name: string;
  picture: string;
  activated: boolean;
}

/** Pages that the server alone renders. */
const STATIC_PAGES = ['/', '/sign-in/link', '/undo-email', '/people'];
const isStaticPage = (path: string): boolean => STATIC_PAGES.includes(path);

/** The wasm is fetched, compiled and run before this; on a busy machine that takes its time. */
const HYDRATION_LIMIT_MS = 15_000;

export class Visitor {
  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly server: Server,
    readonly troubles: Troubles,
    readonly scripts: boolean,
  ) {}

  /** The same person in another tab of the same browser. */
  async newTab(): Promise<Visitor> {
    return new Visitor(this.context, await this.context.newPage(), this.server, this.troubles, this.scripts);
  }

  // ---- Going about

  async open(address: string): Promise<Response> {
    const response = await this.page.goto(address);
    if (!response) throw new Error(`no answer from ${address}`);
    if (response.ok()) await this.hydrated();
    return response;
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.hydrated();
  }

  /** Waits until the page answers to clicks. Some pages load no scripts: nothing to wait for. */
  async hydrated(): Promise<void> {
    if (!this.scripts || isStaticPage(this.path)) return;
    await expect(this.page.locator('body[data-hydrated]')).toBeAttached({ timeout: HYDRATION_LIMIT_MS });
  }

  get path(): string {
    return new URL(this.page.url()).pathname;
  }

  async isAt(path: string | RegExp): Promise<void> {
    await this.page.waitForURL((url) => (typeof path === 'string' ? url.pathname === path : path.test(url.pathname)));
    await this.hydrated();
  }

  // ---- Signing in

  get email(): Locator {
    return this.page.getByRole('textbox', { name: 'E-mail' });
  }

  get code(): Locator {
    return this.page.getByRole('textbox', { name: 'Code' });
  }

  get signInButton(): Locator {
    return this.main.getByRole('button', { name: 'Sign in', exact: true });
  }

  async askForCode(email: string): Promise<void> {
    await this.email.fill(email);
    await this.page.getByRole('button', { name: 'Send code' }).click();
    await expect(this.code).toBeVisible();
    await this.hydrated();
  }

  readCode(email: string): Promise<string> {
    return this.server.outbox.readCode(email);
  }

  async enterCode(code: string): Promise<void> {
    await this.code.fill(code);
    await this.signInButton.click();
  }

  /** From the sign-in page (opened where one is elsewhere) until it is left. */
  async signIn(email: string): Promise<void> {
    if (this.path !== '/sign-in') await this.open('/sign-in');
    await this.askForCode(email);
    await this.enterCode(await this.readCode(email));
    await this.isAt(/^(?!\/sign-in)/);
  }

  /** The way of the link in the newest letter to `email`, within this site. */
  async readLink(email: string): Promise<string> {
    const { link, text } = await this.server.outbox.read(email);
    if (!link) throw new Error(`no link in the letter to ${email}:\n${text}`);
    return link.slice(new URL(link).origin.length);
  }

  // ---- Devices and the address, in the settings

  /** The other devices' rows; the one at hand says "this one". */
  device(name: string | RegExp): Locator {
    return this.page.getByRole('listitem', { name });
  }

  get devices(): Locator {
    return this.page.getByRole('region', { name: 'Devices' }).getByRole('listitem');
  }

  get newAddress(): Locator {
    return this.page.getByRole('textbox', { name: 'New e-mail address' });
  }

  async askToChangeAddress(email: string): Promise<void> {
    await this.newAddress.fill(email);
    await this.page.getByRole('button', { name: 'Send a code there' }).click();
    await expect(this.code).toBeVisible();
  }

  async confirmAddress(code: string): Promise<void> {
    await this.code.fill(code);
    await this.page.getByRole('button', { name: 'Change the address' }).click();
  }

  // ---- A name and a face

  get nameBox(): Locator {
    return this.page.getByRole('textbox', { name: 'Your name' });
  }

  get photoInput(): Locator {
    return this.page.getByLabel('Photo', { exact: true });
  }

  get comeInButton(): Locator {
    return this.page.getByRole('button', { name: 'Come in' });
  }

  /** The chosen photo as the browser itself read it, before anything is sent. */
  get preview(): Locator {
    return this.page.locator('img[src^="data:image/"]');
  }

  /** The face in the form, drawn or current, where no photo is being cropped. */
  get face(): Locator {
    return this.main.locator('.drop .face');
  }

  /** The square window onto the photo. */
  get frame(): Locator {
    return this.page.getByRole('application', { name: /^Your photo/ });
  }

  get zoom(): Locator {
    return this.page.getByRole('slider', { name: 'Zoom' });
  }

  async choosePhoto(photo: Picture): Promise<void> {
    await this.photoInput.setInputFiles(photo);
    if (this.scripts) await expect(this.preview).toBeVisible();
  }

  async comeIn(name: string, { photo }: { photo?: Picture } = {}): Promise<void> {
    await this.isAt('/activate');
    await this.nameBox.fill(name);
    if (photo) await this.choosePhoto(photo);
    await this.comeInButton.click();
    await this.isAt(/^(?!\/activate)/);
  }

  /** Signs up through the doors, for tests that begin later than at the threshold. `picture` as the door takes it. */
  async arrive(name: string, { picture = '', email = addressFor(name) } = {}): Promise<this> {
    await this.callEndpoint('auth/request_code', { email });
    await this.callEndpoint('auth/verify_code', { code: await this.readCode(email) });
    await this.callEndpoint('profile/activate', { name, picture });
    return this;
  }

  /** A door's JSON answer; fails on any status but 2xx. */
  async callEndpoint<Answer>(door: string, form: Record<string, string> = {}): Promise<Answer> {
    // As a page would: after a 401 one refresh, then the same once more.
    const ask = (to: string) => this.context.request.post(`/api/${to}`, { form, headers: this.ours, maxRedirects: 0 });
    let response = await ask(door);
    if (response.status() === 401 && (await ask('auth/refresh')).ok()) response = await ask(door);
    if (!response.ok()) throw new Error(`${door}: ${response.status()} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  me(): Promise<Me> {
    return this.callEndpoint<Me>('auth/me');
  }

  async isSignedIn(): Promise<boolean> {
    return this.callEndpoint('auth/me').then(
      () => true,
      () => false,
    );
  }

  /** The headers of a request that our own page makes. */
  get ours(): Record<string, string> {
    return { accept: 'application/json', origin: this.server.url };
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

  /** From the list into a new room, and inside it; answers the room's path. Without scripts one only looks in. */
  async openRoom(topic: string, kind: Kind = 'Open', mode: Mode = 'Everyone may talk'): Promise<string> {
    const path = await this.openRoomAndLook(topic, kind, mode);
    if (this.scripts) await this.join();
    return path;
  }

  /** A new open room where newcomers listen. */
  openStage(topic: string): Promise<string> {
    return this.openRoom(topic, 'Open', 'Stage');
  }

  async openRoomAndLook(topic: string, kind: Kind = 'Open', mode: Mode = 'Everyone may talk'): Promise<string> {
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

  /** To a room's page by its address, and inside. */
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

  /** One click, and one is inside, muted or listening. */
  async join(): Promise<void> {
    await this.joinButton.click();
    await expect(this.unmuteButton.or(this.raiseHandButton)).toBeVisible();
  }

  /** One more, and one is heard. */
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

  /** What one is here, in the words beside the controls. */
  part(words: string | RegExp): Locator {
    return this.page.getByRole('group', { name: 'Your voice' }).getByRole('status').filter({ hasText: words });
  }

  /** "More about NAME", and an item of it. */
  async about(name: string, item: string): Promise<void> {
    await this.more(name).click();
    await this.menuItem(item).click();
  }

  /** A host brings somebody up, who accepts. */
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

  // ---- Who may enter

  /** In an open room of one's own: where links for guests are made. */
  get guestLinks(): Locator {
    return this.page.getByText('Let guests in by a link');
  }

  /** From a room of one's own: a new link, within this site. In an open room it is for guests unless told otherwise. */
  async makeLink({ people, guests }: { people?: string; guests?: boolean } = {}): Promise<string> {
    const makeButton = this.page.getByRole('button', { name: 'Make a link' });
    await expect(makeButton.or(this.guestLinks).first()).toBeVisible();
    if (!(await makeButton.isVisible())) await this.guestLinks.click();
    if (guests !== undefined) await this.page.getByRole('checkbox', { name: /^Guests may come in/ }).setChecked(guests);
    const links = this.page.getByRole('list', { name: 'Links into this room' }).getByRole('listitem');
    const before = await links.count();
    if (people) await this.page.getByLabel('and for').selectOption({ label: people });
    await makeButton.click();
    await expect(links).toHaveCount(before + 1);
    const link = await links.first().getByRole('textbox', { name: 'Invite link' }).inputValue();
    return link.slice(new URL(link).origin.length);
  }

  /** From the page of a link into its room, and inside. Without scripts one only looks in. */
  async comeInByLink(): Promise<void> {
    await this.comeInButton.click();
    await this.isAt(/^\/rooms\/.+/);
    if (this.scripts) await expect(this.unmuteButton).toBeVisible();
  }

  /** By a link that admits guests, with a name alone. */
  async arriveAsGuest(link: string, name: string): Promise<this> {
    await this.open(link);
    await this.nameBox.fill(name);
    await this.comeInByLink();
    return this;
  }

  more(name: string): Locator {
    return this.page.getByRole('button', { name: `More about ${name}` });
  }

  menuItem(name: string): Locator {
    return this.page.getByRole('menuitem', { name, exact: true });
  }

  get leaveButton(): Locator {
    return this.page.getByRole('button', { name: 'Leave quietly' });
  }

  async leave(): Promise<void> {
    await this.leaveButton.click();
    await this.isAt('/rooms');
  }

  // ---- Settings

  /** Within the page, from the rooms. */
  async goToSettings(): Promise<void> {
    await this.page.getByRole('link', { name: /^Settings of/ }).click();
    await expect(this.nameBox).not.toHaveValue('');
  }

  /** Within the page, from the settings. */
  async goToRooms(): Promise<void> {
    await this.page.getByRole('link', { name: 'Back to the rooms' }).click();
    await expect(this.heading('Rooms')).toBeVisible();
  }

  async save(name: string): Promise<void> {
    await this.nameBox.fill(name);
    await this.page.getByRole('button', { name: 'Save' }).click();
  }

  async signOut(): Promise<void> {
    if (this.path !== '/settings') await this.open('/settings');
    await this.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  }

  // ---- What stands on any page

  get main(): Locator {
    return this.page.getByRole('main');
  }

  heading(text: string | RegExp): Locator {
    return this.page.getByRole('heading', { name: text });
  }

  /** What every page says while the server is away or can't answer. */
  get awayBanner(): Locator {
    return this.page.getByRole('status').filter({ hasText: 'Nothing is lost' });
  }

  /** A sentence to the person, wherever the page says it. */
  notice(words: RegExp): Locator {
    return this.page.getByRole('alert').or(this.page.getByRole('status')).filter({ hasText: words }).first();
  }
}
