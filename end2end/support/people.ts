/** The page `/people`, as an owner uses it. */
import { expect, type Locator } from '@playwright/test';
import type { Someone } from './fixtures';
import type { Server } from './server';
import type { Visitor } from './visitor';
import { beginningWith } from './words';

type Act = 'Make owner' | 'Deactivate' | 'Reactivate';

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

/** The button that opens the sheet about a person. */
export function openerOf(owner: Visitor, name: string): Locator {
  return row(owner, name).getByRole('button', { name: /^More about / });
}

/** The sheet about a person, which says what each of its buttons does. */
export function sheet(owner: Visitor, name: string): Locator {
  return owner.page.getByRole('dialog', { name: beginningWith(`More about ${name}`) });
}

/** Opens the sheet about a person, and presses a button in it. */
export async function act(owner: Visitor, act: Act, name: string): Promise<void> {
  await openerOf(owner, name).click();
  await sheet(owner, name).getByRole('button', { name: act, exact: true }).click();
  await expect(sheet(owner, name)).toBeHidden();
}
