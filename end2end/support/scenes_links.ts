/** Links into rooms in every state worth looking at: for the host who makes them, and for people and guests who follow them. */
import { company } from './company';
import { expect } from './fixtures';
import type { Scene, Stage } from './scene';
import type { Visitor } from './visitor';

export const LINK_SCENES: Scene[] = [
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

async function roomLinks(stage: Stage): Promise<Visitor> {
  const { host, link } = await privateRoom(stage);
  const guest = await (await stage.someone()).arrive('Tom');
  await guest.open(link);
  await guest.comeInByLink();
  await host.makeLink({ people: 'one person' });
  await host.page.getByRole('button', { name: 'Revoke' }).first().click();
  await expect(host.main.getByText('Revoked')).toBeVisible();
  await expect(host.main.getByText('Used by Tom.')).toBeVisible();
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
  await expect(host.main.getByText('Used by Gus (guest).')).toBeVisible();
  return host;
}

async function roomGuestsRemoved(stage: Stage): Promise<Visitor> {
  const { host, link } = await roomForGuests(stage);
  const guest = await (await stage.someone()).arriveAsGuest(link, 'Gus');
  await host.page.getByRole('button', { name: 'Revoke and remove its guests' }).click();
  await expect(guest.notice(/revoked the link you came in by/)).toBeVisible();
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
