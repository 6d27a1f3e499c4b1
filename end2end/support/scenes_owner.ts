/** The pages of an owner, in every state worth looking at, and the page of a person whose account an owner has deactivated. */
import { company } from './company';
import { expect } from './fixtures';
import { openHealth, showExamples } from './health';
import { act, openerOf, row, useOwnerLink } from './people';
import { dataUrl, smallPhoto } from './picture';
import type { Scene, Stage } from './scene';
import type { Visitor } from './visitor';
import { addressFor } from './words';

export const OWNER_SCENES: Scene[] = [
  { name: 'owner-link', show: ownerLink },
  { name: 'sign-in-code-owner', show: signInCodeOwner },
  { name: 'outbox', show: outbox },
  { name: 'people', show: people },
  { name: 'people-switch-off', show: peopleSwitchOff },
  { name: 'health', show: health },
  { name: 'room-switched-off', show: roomSwitchedOff },
];

async function ownerLink({ server, someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada');
  await visitor.page.goto(server.ownerLink);
  return visitor;
}

/** The code page in the browser that used the owner link, which reads the code there also after signing out. */
async function signInCodeOwner({ server, someone }: Stage): Promise<Visitor> {
  const visitor = await someone();
  await visitor.page.goto(server.ownerLink);
  await visitor.page.getByRole('button', { name: 'Make this Snug yours' }).click();
  await visitor.comeIn('Ada');
  await visitor.signOut();
  await visitor.isAt('/sign-in');
  await visitor.open('/sign-in');
  await visitor.askForCode(addressFor('Ada'));
  await expect(visitor.main).toContainText('Your code is');
  return visitor;
}

async function outbox({ server, someone }: Stage): Promise<Visitor> {
  const visitor = await (await someone()).arrive('Ada Lovelace');
  await useOwnerLink(visitor, server);
  await visitor.page.goto('/outbox');
  await expect(visitor.page.getByText('@example.org').first()).toBeVisible();
  return visitor;
}

/** An owner's page: live rooms, another owner, somebody who is deactivated, and a long name. */
async function people(stage: Stage): Promise<Visitor> {
  await company(stage, 'Borrow checker clinic: bring your worst lifetime', ['Mina', 'Tom']);
  await company(stage, 'Tea and nothing in particular', ['Wilhelmina Murray-Westenra of Whitby']);
  await (await stage.someone()).arrive('Ravi', { picture: dataUrl(smallPhoto()) });
  await (await stage.someone()).arrive('Otto');
  const owner = await theOwner(stage);
  await act(owner, 'Make owner', 'Ravi');
  await act(owner, 'Deactivate', 'Otto');
  await expect(row(owner, 'Otto')).toContainText('deactivated');
  await stage.server.database.orderByName();
  await owner.open('/people');
  return owner;
}

async function peopleSwitchOff(stage: Stage): Promise<Visitor> {
  const owner = await people(stage);
  await openerOf(owner, 'Tom').click();
  return owner;
}

async function health(stage: Stage): Promise<Visitor> {
  const owner = await theOwner(stage);
  await openHealth(owner);
  await showExamples(owner);
  return owner;
}

async function roomSwitchedOff(stage: Stage): Promise<Visitor> {
  const path = await company(stage, 'Tea and nothing in particular', ['Mina', 'Tom']);
  const visitor = await (await stage.someone()).arrive('Ada');
  await visitor.enter(path);
  await act(await theOwner(stage), 'Deactivate', 'Ada');
  await expect(visitor.heading(/This account is deactivated/)).toBeVisible();
  return visitor;
}

/** An owner who has opened `/people`. */
async function theOwner({ server, someone }: Stage): Promise<Visitor> {
  const owner = await (await someone()).arrive('Kaya');
  await useOwnerLink(owner, server);
  await owner.open('/people');
  return owner;
}
