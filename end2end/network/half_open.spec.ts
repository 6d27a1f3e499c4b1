/** A socket that one of the ways between browser and server has forgotten, so that neither end is told. */
import { figure } from './figures';
import { expect, test } from './lab';
import { pairUp } from './pair';
import { sleep } from './shell';

/** The server pings each socket every 2 seconds. After this time, the lab can tell the socket from other connections. */
const PINGED_AFTER_MS = 3_000;

test('a page notices within 10 s that its socket is dead, and opens another, without a gap in the voices', async ({ lab }) => {
  const { ada, ben } = await pairUp(lab);
  await sleep(PINGED_AFTER_MS);
  const since = await ada.now();
  expect(await lab.forgetSocket(ada), 'connections forgotten').toBe(1);
  figure('half-open socket: another is opened after', (await ada.nextSocket(since, 20_000)) / 1_000, 's', 10);
  await ben.mute();
  await expect(ada.participant('Ben'), 'the new socket tells the news').toHaveAttribute('data-muted', 'true', { timeout: 10_000 });
  await expect.soft(ben.participant('Ada'), 'Ada has not left').toHaveAttribute('data-muted', 'false');
  figure("half-open socket: silence in Ada's voice", (await ben.longestSilence(since)) / 1_000, 's', 1);
});

test('when the browser is online again, or the page is shown again, a page checks its socket at once, and has another within 4 s', async ({ lab }) => {
  const { ada } = await pairUp(lab);
  for (const event of ['online', 'pageshow', 'visibilitychange']) {
    await sleep(PINGED_AFTER_MS);
    expect(await lab.forgetSocket(ada), 'connections forgotten').toBe(1);
    const since = await ada.now();
    await ada.page.evaluate((event) => {
      const happened = event === 'pageshow' ? new PageTransitionEvent(event, { persisted: true }) : new Event(event, { bubbles: true });
      (event === 'visibilitychange' ? document : window).dispatchEvent(happened);
    }, event);
    const opened = await ada.nextSocket(since, 10_000);
    figure(`half-open socket, then the event ${event}: another is opened after`, opened / 1_000, 's', 4);
    if (opened === Infinity) return;
  }
});
