/** A socket that one of the ways between browser and server has forgotten, so that neither end is told. */
import { figure } from './figures';
import { expect, test, type Lab } from './lab';
import { pairUp } from './pair';
import type { Person } from './person';

test('a page notices within 10 s that its socket is dead, and opens another, without a gap in the voices', async ({ lab }) => {
  const { ada, ben } = await pairUp(lab);
  await lab.forgetSocket(ada);
  const since = await ada.now();
  figure('half-open socket: another is opened after', (await ada.nextSocket(since, 20_000)) / 1_000, 's', 10);
  await ben.mute();
  await expect(ada.participant('Ben'), 'the new socket tells the news').toHaveAttribute('data-muted', 'true', { timeout: 10_000 });
  await expect.soft(ben.participant('Ada'), 'Ada has not left').toHaveAttribute('data-muted', 'false');
  figure("half-open socket: silence in Ada's voice", (await ben.longestSilence(since)) / 1_000, 's', 1);
});

test('when the browser is online again, or the page is shown again, a page checks its socket at once, and has another within 4 s', async ({ lab }) => {
  const [{ ada, ben, topic }, cem] = await Promise.all([pairUp(lab), lab.person('Cem')]);
  await cem.open('/rooms');
  await cem.enterByCard(topic);
  const opened = await Promise.all([
    opensAnother(lab, ada, 'online'),
    opensAnother(lab, ben, 'pageshow'),
    opensAnother(lab, cem, 'visibilitychange'),
  ]);
  for (const { event, afterMs } of opened) figure(`half-open socket, then the event ${event}: another is opened after`, afterMs / 1_000, 's', 4);
});

/** The router forgets the socket of a page, and then the event happens there. */
async function opensAnother(lab: Lab, person: Person, event: string): Promise<{ event: string; afterMs: number }> {
  await lab.forgetSocket(person);
  const since = await person.page.evaluate((event) => {
    const now = performance.timeOrigin + performance.now();
    const happened = event === 'pageshow' ? new PageTransitionEvent(event, { persisted: true }) : new Event(event, { bubbles: true });
    (event === 'visibilitychange' ? document : window).dispatchEvent(happened);
    return now;
  }, event);
  return { event, afterMs: await person.nextSocket(since, 10_000) };
}
