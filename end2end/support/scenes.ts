/** Every page of Snug in every state worth looking at; seen by axe, by the camera and by the scales. */
import { forgetAccess } from './cookies';
import { expect, type Someone } from './fixtures';
import { act, openerOf, row, useOwnerLink } from './people';
import { dataUrl, smallPhoto } from './picture';
import { STAGE_SCENES } from './scenes_stage';
import type { Server } from './server';
import { SERVER_AWAY } from './troubles';
import type { Visitor } from './visitor';
import { addressFor } from './words';

export const WIDTHS = [360, 768, 1440];
export const SCHEMES = ['light', 'dark'] as const;

export interface Stage {
  /** A server that nobody else visits. */
  server: Server;
  someone: () => Promise<Visitor>;
}

export interface Scene {
  name: string;
  /** Brings the scene about; answers whoever looks at it. */
  show: (stage: Stage) => Promise<Visitor>;
}

export function stageOn(server: Server, someone: Someone): Stage {
  return { server, someone: () => someone({ on: server, reducedMotion: 'reduce' }) };
}

export const SCENES: Scene[] = [
  { name: 'home', show: home },
  { name: 'sign-in-email', show: signInEmail },
  { name: 'sign-in-code', show: signInCode },
  { name: 'activate', show: activate },
  { name: 'activate-crop', show: activateCrop },
  { name: 'activate-camera', show: activateCamera },
  { name: 'activate-refused', show: activateRefused },
  { name: 'rooms-empty', show: roomsEmpty },
  { name: 'rooms', show: roomsWithPeople },
  { name: 'open-a-room', show: openARoom },
  { name: 'room-alone', show: roomAlone },
  { name: 'room', show: roomWithPeople },
  { name: 'room-door', show: roomFromTheLobby },
  { name: 'room-live', show: roomLive },
  { name: 'room-links', show: roomLinks },
  { name: 'room-guest-links', show: roomGuestLinks },
  { name: 'room-guests-removed', show: roomGuestsRemoved },
  { name: 'room-more', show: roomMore },
  ...STAGE_SCENES,
  { name: 'room-denied', show: roomDenied },
  { name: 'room-full', show: roomFull },
  { name: 'room-server-away', show: roomServerAway },
  { name: 'room-signed-out', show: roomSignedOut },
  { name: 'call-bar', show: callBar },
  { name: 'call-bar-at-another-door', show: callBarInAnotherLobby },
  { name: 'settings', show: settings },
  { name: 'settings-change-address', show: settingsChangeAddress },
  { name: 'invitation', show: invitation },
  { name: 'invitation-signed-out', show: invitationSignedOut },
  { name: 'invitation-spent', show: invitationSpent },
  { name: 'guest-card', show: guestCard },
  { name: 'rooms-guest', show: roomsGuest },
  { name: 'settings-keep-my-seat', show: settingsAddEmail },
  { name: 'sign-in-link', show: signInLink },
  { name: 'sign-in-link-used', show: signInLinkUsed },
  { name: 'undo-email', show: undoEmail },
  { name: 'owner-link', show: ownerLink },
  { name: 'settings-busy', show: settingsBusy },
  { name: 'settings-somebody-else', show: settingsSomebodyElse },
  { name: 'one-moment', show: oneMoment },
  { name: 'not-found', show: notFound },
  { name: 'outbox', show: outbox },
  { name: 'people', show: people },
  { name: 'people-switch-off', show: peopleSwitchOff },
  { name: 'room-switched-off', show: roomSwitchedOff },
];

async function home({ someone }: Stage): Promise<Visitor> {
  const host = await (await someone()).arrive('Mina Harker');
  await host.openRoom('Borrow checker clinic: bring your worst lifetime');
  const visitor = await someone();
  await visitor.open('/');
  return visitor;
}

async function signInEmail({ someone }: Stage): Promise<Visitor> {
  const visitor = await someone();
  await visitor.open('/sign-in');
  return visitor;
}

async function signInCode(stage: Stage): Promise<Visitor> {
  const visitor = await signInEmail(stage);
  await visitor.askForCode('ada@example.org');
  return visitor;
}

async function activate({ someone }: Stage): Promise<Visitor> {
  const visitor = await someone();
  await visitor.signIn(addressFor('Ada'));
  await visitor.isAt('/activate');
  return visitor;
}

async function activateCrop(stage: Stage): Promise<Visitor> {
  const visitor = await activate(stage);
  await visitor.choosePhoto(smallPhoto());
  await expect(visitor.zoom).toBeVisible();
  return visitor;
}

async function activateCamera(stage: Stage): Promise<Visitor> {
  const visitor = await activate(stage);
  await visitor.page.getByRole('button', { name: 'Camera' }).click();
  await expect(visitor.page.getByRole('button', { name: 'Take the picture' })).toBeEnabled();
  return visitor;
}

async function activateRefused(stage: Stage): Promise<Visitor> {
  const visitor = await activate(stage);
  await visitor.photoInput.setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
  await expect(visitor.notice(/not a picture/)).toBeVisible();
  return visitor;
}

async function roomsEmpty({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await visitor.open('/rooms');
  return visitor;
}

async function roomsWithPeople(stage: Stage): Promise<Visitor> {
  const clinic = 'Borrow checker clinic: bring your worst lifetime';
  await company(stage, clinic, ['Mina', 'Tom', 'Jo', 'Wilhelmina Murray-Westenra of Whitby']);
  await company(stage, 'Tea and nothing in particular', ['Kaya', 'Ben']);
  await company(stage, 'Schnäpschen, Donaudampfschifffahrtsgesellschaftskapitänsmütze und lange Wörter', [
    'Otto',
  ]);
  const visitor = await roomsEmpty(stage);
  await expect(visitor.card(clinic)).toBeVisible();
  return visitor;
}

async function openARoom(stage: Stage): Promise<Visitor> {
  const visitor = await roomsEmpty(stage);
  await visitor.openRoomButton.click();
  await expect(visitor.topicBox).toBeVisible();
  return visitor;
}

async function roomAlone({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await visitor.openRoom('Tea and nothing in particular');
  await expect(visitor.participant('Ada Lovelace')).toBeVisible();
  return visitor;
}

async function roomWithPeople(stage: Stage): Promise<Visitor> {
  const names = ['Mina', 'Tom', 'Wilhelmina Murray-Westenra of Whitby', 'Ravi'];
  const path = await company(stage, 'Borrow checker clinic: bring your worst lifetime', names);
  const visitor = await (await stage.someone()).arrive('Ada', { picture: dataUrl(smallPhoto()) });
  await visitor.enter(path);
  for (const name of [...names, 'Ada']) await expect(visitor.participant(name)).toBeVisible();
  return visitor;
}

async function roomFromTheLobby(stage: Stage): Promise<Visitor> {
  const path = await company(stage, 'Tea and nothing in particular', ['Mina', 'Tom', 'Jo']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.open(path);
  await expect(visitor.joinButton).toBeEnabled();
  return visitor;
}

/** Live oneself, and somebody else speaks. */
async function roomLive(stage: Stage): Promise<Visitor> {
  const mina = await (await stage.someone()).arrive('Mina');
  const path = await mina.openRoom('Borrow checker clinic: bring your worst lifetime');
  await mina.unmute();
  await company(stage, 'Elsewhere', ['Kaya']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.enter(path);
  await visitor.unmute();
  await expect(visitor.participant('Mina')).toHaveAttribute('data-speaking', 'true', { timeout: 15_000 });
  return visitor;
}

async function roomDenied({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada');
  await visitor.page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  });
  await visitor.openRoom('Tea and nothing in particular');
  await visitor.reload();
  await visitor.join();
  await visitor.unmuteButton.click();
  await expect(visitor.notice(/microphone/)).toBeVisible();
  return visitor;
}

/** For its look only: that the server refuses is shown elsewhere. */
async function roomFull({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada');
  await visitor.page.routeWebSocket(/\/ws\/rooms\/./, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      if (!String(message).includes('"join"')) return server.send(message);
      socket.send('{"type":"refused","why":{"reason":"room_full","most":500}}');
    });
  });
  await visitor.openRoomAndLook('Tea and nothing in particular');
  await visitor.joinButton.click();
  await expect(visitor.notice(/room is full/)).toBeVisible();
  return visitor;
}

async function roomServerAway(stage: Stage): Promise<Visitor> {
  const visitor = await roomWithPeople(stage);
  visitor.troubles.allow(SERVER_AWAY);
  for (const page of visitor.context.browser()!.contexts().flatMap((context) => context.pages())) {
    if (page !== visitor.page) await page.close();
  }
  await stage.server.stop();
  await expect(visitor.notice(/line is gone/)).toBeVisible({ timeout: 10_000 });
  return visitor;
}

/** In a page that hears of it from the server alone. */
async function roomSignedOut(stage: Stage): Promise<Visitor> {
  const path = await company(stage, 'Tea and nothing in particular', ['Mina', 'Tom']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.page.addInitScript(() => Reflect.deleteProperty(window, 'BroadcastChannel'));
  await visitor.enter(path);
  await (await visitor.newTab()).signOut();
  await expect(visitor.notice(/session on this device has ended/)).toBeVisible();
  return visitor;
}

async function callBarInAnotherLobby(stage: Stage): Promise<Visitor> {
  await company(stage, 'Elsewhere', ['Kaya', 'Ben']);
  const visitor = await callBar(stage);
  await visitor.card('Elsewhere').click();
  await visitor.isAt(/^\/rooms\/./);
  await expect(visitor.joinButton).toBeEnabled();
  return visitor;
}

async function callBar(stage: Stage): Promise<Visitor> {
  const visitor = await roomAlone(stage);
  await visitor.page.goBack();
  await expect(visitor.page.getByRole('complementary', { name: 'Your call' })).toBeVisible();
  return visitor;
}

async function settings({ someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await visitor.open('/settings');
  return visitor;
}

async function settingsChangeAddress(stage: Stage): Promise<Visitor> {
  const elsewhere = await stage.someone();
  const email = addressFor('Ada');
  await elsewhere.arrive('Ada Lovelace', { email });
  const visitor = await (await stage.someone()).arrive('Ada Lovelace', { email });
  await visitor.open('/settings');
  await visitor.askToChangeAddress(addressFor('Countess'));
  return visitor;
}

async function signInLink(stage: Stage): Promise<Visitor> {
  const email = addressFor('Ada');
  await (await signInEmail(stage)).askForCode(email);
  const visitor = await stage.someone();
  await visitor.open(await visitor.readLink(email));
  return visitor;
}

async function signInLinkUsed(stage: Stage): Promise<Visitor> {
  const visitor = await signInLink(stage);
  const way = new URL(visitor.page.url());
  await visitor.signInButton.click();
  await visitor.isAt('/activate');
  await visitor.open(way.pathname + way.search);
  return visitor;
}

async function undoEmail(stage: Stage): Promise<Visitor> {
  const email = addressFor('Ada');
  const visitor = await (await stage.someone()).arrive('Ada', { email });
  const fresh = addressFor('Countess');
  await visitor.callEndpoint('auth/request_email_change', { email: fresh });
  await visitor.callEndpoint('auth/confirm_email_change', { code: await visitor.readCode(fresh) });
  await visitor.open(await visitor.readLink(email));
  return visitor;
}

/** What was typed waits for a server that can't write. */
async function settingsSomebodyElse(stage: Stage): Promise<Visitor> {
  const visitor = await settings(stage);
  // As another tab of this browser would.
  await visitor.arrive('Ben');
  await visitor.save('Countess');
  await expect(visitor.page.getByRole('link', { name: 'Load it again' })).toBeVisible();
  return visitor;
}

async function settingsBusy(stage: Stage): Promise<Visitor> {
  const visitor = await settings(stage);
  visitor.troubles.allow(/status of 503/);
  const json = { kind: 'unavailable', detail: 'Try again in a moment.' };
  await visitor.page.route('**/api/profile/activate', (route) => route.fulfill({ status: 503, json }));
  await visitor.save('Countess');
  await expect(visitor.awayBanner).toBeVisible();
  return visitor;
}

/** The page in place of one that can't be had just now; kept from looking again by itself. */
async function oneMoment({ server, someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  visitor.troubles.allow(/status of 503/);
  await forgetAccess(visitor.context);
  await server.database.ageSessions(3_600);
  const lock = await server.database.lock();
  await visitor.page.route('**/rooms', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), refresh: '' } });
  });
  await visitor.open('/rooms');
  await lock.release();
  await expect(visitor.heading('One moment.')).toBeVisible();
  return visitor;
}

async function notFound({ someone }: Stage): Promise<Visitor> {
  const visitor = await someone();
  await visitor.open('/no/such/page');
  return visitor;
}

/** A private room, its host, and a link into it. */
async function privateRoom({ someone }: Stage): Promise<{ host: Visitor; link: string }> {
  const host = await (await someone()).arrive('Mina Okafor');
  await host.openRoom('Whispers behind the stairs', 'Private');
  return { host, link: await host.makeLink() };
}

async function roomLinks(stage: Stage): Promise<Visitor> {
  const { host, link } = await privateRoom(stage);
  const guest = await (await stage.someone()).arrive('Tom');
  await guest.open(link);
  await guest.comeInByLink();
  await host.makeLink({ people: 'one person' });
  await host.page.getByRole('button', { name: 'Revoke' }).first().click();
  await expect(host.main.getByText('Revoked')).toBeVisible();
  await expect(host.main.getByText('Came by it: Tom.')).toBeVisible();
  return host;
}

/** An open room and a link for guests into it. */
async function roomForGuests({ someone }: Stage): Promise<{ host: Visitor; link: string }> {
  const host = await (await someone()).arrive('Mina Okafor');
  await host.openRoom('Tea and nothing in particular');
  return { host, link: await host.makeLink() };
}

async function roomGuestLinks(stage: Stage): Promise<Visitor> {
  const { host, link } = await roomForGuests(stage);
  await (await stage.someone()).arriveAsGuest(link, 'Gus');
  await host.makeLink({ people: 'one person', guests: false });
  await expect(host.main.getByText('Came by it: Gus.')).toBeVisible();
  return host;
}

async function roomGuestsRemoved(stage: Stage): Promise<Visitor> {
  const { host, link } = await roomForGuests(stage);
  const guest = await (await stage.someone()).arriveAsGuest(link, 'Gus');
  await host.page.getByRole('button', { name: 'Revoke and remove its guests' }).click();
  await expect(guest.notice(/revoked the link that you came by/)).toBeVisible();
  return guest;
}

async function guestCard(stage: Stage): Promise<Visitor> {
  const { link } = await roomForGuests(stage);
  const visitor = await stage.someone();
  await visitor.open(link);
  await visitor.nameBox.fill('Gus');
  return visitor;
}

async function roomsGuest(stage: Stage): Promise<Visitor> {
  const { link } = await roomForGuests(stage);
  await company(stage, 'Elsewhere', ['Kaya']);
  const guest = await (await stage.someone()).arriveAsGuest(link, 'Gus');
  await guest.open('/rooms');
  await expect(guest.page.getByRole('link', { name: 'Keep my seat' })).toBeVisible();
  return guest;
}

async function settingsAddEmail(stage: Stage): Promise<Visitor> {
  const { link } = await roomForGuests(stage);
  const guest = await (await stage.someone()).arriveAsGuest(link, 'Gus');
  await guest.open('/settings#seat');
  await expect(guest.heading('Keep my seat')).toBeVisible();
  return guest;
}

async function roomMore(stage: Stage): Promise<Visitor> {
  const path = await company(stage, 'Tea and nothing in particular', ['Mina', 'Tom']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.enter(path);
  await visitor.more('Tom').click();
  await expect(visitor.menuItem('Follow')).toBeVisible();
  return visitor;
}

async function invitation(stage: Stage): Promise<Visitor> {
  const { link } = await privateRoom(stage);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.open(link);
  return visitor;
}

async function invitationSignedOut(stage: Stage): Promise<Visitor> {
  const { link } = await privateRoom(stage);
  const visitor = await stage.someone();
  await visitor.open(link);
  return visitor;
}

async function invitationSpent(stage: Stage): Promise<Visitor> {
  const { host, link } = await privateRoom(stage);
  await host.page.getByRole('button', { name: 'Revoke' }).first().click();
  await expect(host.main.getByText('Revoked')).toBeVisible();
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.open(link);
  return visitor;
}

async function ownerLink({ server, someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada');
  await visitor.page.goto(server.ownerLink);
  return visitor;
}

async function outbox({ server, someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await useOwnerLink(visitor, server);
  await visitor.page.goto('/outbox');
  await expect(visitor.page.getByText('@example.org').first()).toBeVisible();
  return visitor;
}

/** An owner's page: rooms that are lit, another owner, somebody who is switched off, and a long name. */
async function people(stage: Stage): Promise<Visitor> {
  await company(stage, 'Borrow checker clinic: bring your worst lifetime', ['Mina', 'Tom']);
  await company(stage, 'Tea and nothing in particular', ['Wilhelmina Murray-Westenra of Whitby']);
  await (await stage.someone()).arrive('Ravi', { picture: dataUrl(smallPhoto()) });
  await (await stage.someone()).arrive('Otto');
  const owner = await theOwner(stage);
  await act(owner, 'Make owner', 'Ravi');
  await act(owner, 'Switch off', 'Otto');
  await expect(row(owner, 'Otto')).toContainText('switched off');
  return owner;
}

async function peopleSwitchOff(stage: Stage): Promise<Visitor> {
  const owner = await people(stage);
  await openerOf(owner, 'Switch off', 'Tom').click();
  return owner;
}

async function roomSwitchedOff(stage: Stage): Promise<Visitor> {
  const path = await company(stage, 'Tea and nothing in particular', ['Mina', 'Tom']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.enter(path);
  await act(await theOwner(stage), 'Switch off', 'Ada');
  await expect(visitor.notice(/This account is switched off/)).toBeVisible();
  return visitor;
}

/** At the page of people. */
async function theOwner({ server, someone }: Stage): Promise<Visitor> {
  const owner = await (await someone()).arrive('Kaya');
  await useOwnerLink(owner, server);
  await owner.open('/people');
  return owner;
}

/** People in a room of theirs; answers the room's path. */
async function company({ someone }: Stage, topic: string, names: string[]): Promise<string> {
  const [first, ...rest] = names;
  const host = await (await someone()).arrive(first);
  const path = await host.openRoom(topic);
  await expect(host.participant(first)).toBeVisible();
  for (const name of rest) {
    const guest = await (await someone()).arrive(name);
    await guest.enter(path);
    await expect(guest.participant(name)).toBeVisible();
  }
  return path;
}
