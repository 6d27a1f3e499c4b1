/** Links into rooms in every state worth looking at: for the host who makes them, and for people and guests who follow them. */
import { company } from './company';
import { expect } from './fixtures';
import type { Scene, Stage } from './scene';
import type { Visitor } from './visitor';

export const LINK_SCENES: Scene[] = [
  { name: 'room-invite', show: roomInvite },
  { name: 'room-invite-member', show: roomInviteOfMember },
  { name: 'room-invite-refused', show: roomInviteRefused },
  { name: 'room-invite-qr', show: roomInviteQr },
  { name: 'room-links', show: roomLinks },
  { name: 'room-guest-links', show: roomGuestLinks },
  { name: 'room-guests-removed', show: roomGuestsRemoved },
  { name: 'invitation', show: invitation },
  { name: 'invitation-signed-out', show: invitationSignedOut },
  { name: 'invitation-spent', show: invitationSpent },
  { name: 'guest-card', show: guestCard },
  { name: 'rooms-guest', show: roomsGuest },
  { name: 'settings-keep-my-seat', show: settingsAddEmail },
];

/** A private room, its host, and a link into it. */
async function privateRoom({ someone }: Stage): Promise<{ host: Visitor; link: string }> {
  const host = await (await someone()).arrive('Mina Okafor');
  await host.openRoom('Whispers behind the stairs', 'Private');
  return { host, link: await host.makeLink() };
}

/** The sheet of a host, with the link that is ready. */
async function roomInvite({ someone }: Stage): Promise<Visitor> {
  const host = await (await someone()).arrive('Mina Okafor');
  await host.openRoom('Tea and nothing in particular');
  await host.openInvite();
  await expect(host.linkBox).not.toHaveValue('');
  await expect(host.inviteSheet.getByText('for 7 days')).toBeVisible();
  return host;
}

/** The sheet of somebody who does not host an open room: the address of the room. */
async function roomInviteOfMember(stage: Stage): Promise<Visitor> {
  const path = await company(stage, 'Tea and nothing in particular', ['Mina', 'Tom']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.enter(path);
  await visitor.openInvite();
  await expect(visitor.linkBox).toHaveValue(stage.server.url + path);
  return visitor;
}

/** The sheet of somebody who does not host a private room. */
async function roomInviteRefused(stage: Stage): Promise<Visitor> {
  const { link } = await privateRoom(stage);
  const visitor = await (await stage.someone()).arrive('Tom');
  await visitor.open(link);
  await visitor.comeInByLink();
  await visitor.openInvite();
  await expect(visitor.inviteSheet.getByText('Only hosts can invite people')).toBeVisible();
  return visitor;
}

async function roomInviteQr(stage: Stage): Promise<Visitor> {
  const host = await roomInvite(stage);
  await host.inviteSheet.getByRole('button', { name: 'Full screen' }).click();
  await expect(host.page.getByRole('dialog', { name: 'QR code' }).getByRole('img')).toBeVisible();
  return host;
}

async function roomLinks(stage: Stage): Promise<Visitor> {
  const { host, link } = await privateRoom(stage);
  const guest = await (await stage.someone()).arrive('Tom');
  await guest.open(link);
  await guest.comeInByLink();
  await host.makeLink({ people: 'one person' });
  await host.changeInvite();
  await turnOff(host, 0);
  await expect(host.inviteSheet.getByText('Used by Tom.')).toBeVisible();
  return host;
}

/** In the open sheet: turns off a link. The newest is the first. */
async function turnOff(host: Visitor, number: number): Promise<void> {
  const link = host.links.nth(number);
  await link.getByRole('button', { name: 'Turn off', exact: true }).click();
  await expect(link).toContainText('Turned off');
}

/** An open room and the link that is ready for guests. */
async function roomForGuests({ someone }: Stage): Promise<{ host: Visitor; link: string }> {
  const host = await (await someone()).arrive('Mina Okafor');
  await host.openRoom('Tea and nothing in particular');
  return { host, link: await host.readyLink() };
}

async function roomGuestLinks(stage: Stage): Promise<Visitor> {
  const { host, link } = await roomForGuests(stage);
  await (await stage.someone()).arriveAsGuest(link, 'Gus');
  await host.makeLink({ people: 'one person' });
  await host.changeInvite();
  await expect(host.inviteSheet.getByText('Used by Gus (guest).')).toBeVisible();
  return host;
}

async function roomGuestsRemoved(stage: Stage): Promise<Visitor> {
  const { host, link } = await roomForGuests(stage);
  const guest = await (await stage.someone()).arriveAsGuest(link, 'Gus');
  await host.changeInvite();
  await host.inviteSheet.getByRole('button', { name: 'Turn off, and remove its guests' }).click();
  await expect(guest.heading(/turned off the link you came in by/)).toBeVisible();
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
  await expect(guest.page.getByRole('link', { name: 'Keep your seat' })).toBeVisible();
  return guest;
}

async function settingsAddEmail(stage: Stage): Promise<Visitor> {
  const { link } = await roomForGuests(stage);
  const guest = await (await stage.someone()).arriveAsGuest(link, 'Gus');
  await guest.open('/settings#seat');
  await expect(guest.heading('Keep your seat')).toBeVisible();
  return guest;
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
  await host.changeInvite();
  await turnOff(host, 0);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.open(link);
  return visitor;
}
