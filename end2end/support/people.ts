/** The page `/people`, as an owner uses it. */
import { expect, type Locator } from '@playwright/test';
import type { Someone } from './fixtures';
import type { Server } from './server';
import type { Visitor } from './visitor';
import { beginningWith } from './words';

type Act = 'Make owner' | 'Switch off' | 'Close room';

/** A signed-in person who has used the owner link of this server. */
export async function arriveAsOwner(someone: Someone, server: Server, name: string): Promise<Visitor> {
  const owner = await (await someone({ on: server })).arrive(name);
  await useOwnerLink(owner, server);
  return owner;
}

/** A signed-in person presses the button on the page of the owner link. */
export async function useOwnerLink(visitor: Visitor, server: Server): Promise<void> {
  await visitor.page.goto(server.ownerLink);
  await visitor.page.getByRole('button', { name: 'Make this Snug yours' }).click();
  await visitor.isAt('/rooms');
}

/** The row of a person or of a live room. */
export function row(owner: Visitor, name: string): Locator {
  return owner.main.getByRole('listitem', { name: beginningWith(name) });
}

export function openerOf(owner: Visitor, act: Act, about: string): Locator {
  return owner.page.getByRole('button', { name: `${act}: ${about}`, exact: true });
}

/** The dialog that says what will happen. */
export function sheet(owner: Visitor, act: Act, about: string): Locator {
  return owner.page.getByRole('dialog', { name: `${act}: ${about}?` });
}

/** Opens the dialog and confirms it. */
export async function act(owner: Visitor, act: Act, about: string): Promise<void> {
  await openerOf(owner, act, about).click();
  await sheet(owner, act, about).getByRole('button', { name: act, exact: true }).click();
  await expect(sheet(owner, act, about)).toBeHidden();
}
