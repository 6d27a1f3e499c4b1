/** The first two people of a new Snug: its owner, and a guest who comes in by a link. */
import { expect, type Browser } from '@playwright/test';
import { hears } from '../support/hearing';
import { Troubles } from '../support/troubles';
import { Visitor } from '../support/visitor';
import type { Server } from '../support/server';

/** The tones of their microphones, in Hz. */
export const TONES = { ada: 440, ben: 1_100 };

/** A person without an account, in a browser. */
export async function newVisitor(browser: Browser, server: Server): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  const troubles = await Troubles.watch(context);
  return new Visitor(context, await context.newPage(), server, troubles, true);
}

/** Ada opens the owner link and her first room, Ben comes in by her link, and each hears the other. */
export async function startTalking(ada: Visitor, ben: Visitor, ownerLink: string): Promise<void> {
  await ada.page.goto(ownerLink);
  await ada.page.getByRole('button', { name: 'Make this Snug yours' }).click();
  await ada.isAt('/activate');
  await ada.nameBox.fill('Ada');
  await ada.page.getByRole('textbox', { name: 'Topic of your first room' }).fill('Tea');
  await ada.comeInButton.click();
  await ada.isAt(/^\/rooms\/.+/);
  await ada.isInside();
  await ben.arriveAsGuest(await ada.readyLink(), 'Ben');
  await Promise.all([ada.unmute(), ben.unmute()]);
  await Promise.all([hears(ada, [TONES.ben]), hears(ben, [TONES.ada])]);
  expect([...ada.troubles.list, ...ben.troubles.list], 'what the pages complained about').toEqual([]);
}

/** Checks that the person is signed in as an owner, and that the server knows both people. It asks in the browser, because Node.js does not
 *  trust the certificate. */
export async function expectOwner(person: Visitor): Promise<void> {
  expect((await person.open('/people')).status(), 'the page for owners').toBe(200);
  for (const name of ['Ada', 'Ben']) await expect(person.main).toContainText(name);
}
