/** The page of people, as an owner uses it. */
import { expect, type Locator } from '@playwright/test';
import type { Someone } from './fixtures';
import type { Server } from './server';
import type { Visitor } from './visitor';
import { beginningWith } from './words';

type Act = 'Make owner' | 'Switch off' | 'Close room';

/** Somebody signed in who used the owner link of this server. */
export async function arriveAsOwner(someone: Someone, server: Server, name: string): Promise<Visitor> {
  const owner = await (await someone({ on: server })).arrive(name);
  await useOwnerLink(owner, server);
  return owner;
}

/** Somebody who is signed in presses the button of the owner link's page. */
export async function useOwnerLink(visitor: Visitor, server: Server): Promise<void> {
  await visitor.page.goto(server.ownerLink);
  await visitor.page.getByRole('button', { name: 'Own this Snug' }).click();
  await visitor.isAt('/rooms');
}

/** The row of somebody, or of a lit room. */
export function row(owner: Visitor, name: string): Locator {
  return owner.main.getByRole('listitem', { name: beginningWith(name) });
}

export function openerOf(owner: Visitor, act: Act, about: string): Locator {
  return owner.page.getByRole('button', { name: `${act}: ${about}`, exact: true });
}

/** The sheet that says what will happen. */
export function sheet(owner: Visitor, act: Act, about: string): Locator {
  return owner.page.getByRole('dialog', { name: `${act}: ${about}?` });
}

/** Does it: the button, what the sheet says, and the button there. */
export async function act(owner: Visitor, act: Act, about: string): Promise<void> {
  await openerOf(owner, act, about).click();
  await sheet(owner, act, about).getByRole('button', { name: act, exact: true }).click();
  await expect(sheet(owner, act, about)).toBeHidden();
}
