/** Names and topics of every kind that Snug accepts are never drawn outside their boxes. */
import { expect, test } from '../support/fixtures';
import { findInkOutside, MARK } from '../support/ink';
import { arriveAsOwner, row } from '../support/people';
import type { Visitor } from '../support/visitor';

/** As many marks on one letter as Snug accepts: all above it, and all below it. */
const HIGH = `X\u033E${MARK}\u0346\u034A\u0357`;
const DEEP = 'g\u0347\u0353\u0349\u032B\u032D';
const TALL = HIGH + DEEP + HIGH;
/** The widest single characters: Arabic ligatures of whole sentences. */
const WIDE = '\uFDFD\uFDFA';
const FAMILY = '👨\u200D👩\u200D👧\u200D👦';

const OWNER = `Ada ${TALL}`;
const LISTENER = `Ben ${TALL} ${'W'.repeat(24)}`;
const GUEST = `Gus ${TALL} ${WIDE} ${FAMILY.repeat(3)} ليلى`;
const TOPIC = `Tea ${TALL} ${WIDE} ${FAMILY} שלום ${'W'.repeat(30)}`;

async function expectInside({ page }: Visitor): Promise<void> {
  expect(await findInkOutside(page)).toEqual([]);
}

test('names and topics of every kind stay inside their boxes on every page', async ({ startServer, someone }) => {
  const server = await startServer();
  const ada = await arriveAsOwner(someone, server, OWNER);
  const room = await ada.openStage(TOPIC);
  const link = await ada.readyLink();

  const viewport = { width: 360, height: 740 };
  const ben = await (await someone({ on: server, viewport })).arrive(LISTENER);
  await ben.open(link);
  await expect(ben.heading(TOPIC)).toBeVisible();
  expect(await findInkOutside(ben.page, { clipped: false })).not.toEqual([]);
  await expectInside(ben);

  await ben.enter(room);
  const gus = await someone({ on: server });
  await gus.open(link);
  await gus.nameBox.fill(GUEST);
  await gus.comeInButton.click();
  await gus.raiseHandButton.click();
  await expect(ada.region('Hands')).toBeVisible();
  await expectInside(ada);
  await expectInside(ben);

  await ada.bringUp(ben, 'Ben');
  await ada.more('Ben').click();
  await expect(ada.page.getByRole('menuitem').first()).toBeVisible();
  await expectInside(ada);
  await ada.page.keyboard.press('Escape');
  await ada.openModerationPanel();
  await expect(ada.moderationPanel.getByRole('listitem').filter({ hasText: MARK }).first()).toBeVisible();
  await expectInside(ada);

  await ben.open('/rooms');
  await expect(ben.card(TOPIC)).toBeVisible();
  await expectInside(ben);
  await ada.open('/people');
  await expect(row(ada, 'Tea')).toBeVisible();
  await expectInside(ada);
});
