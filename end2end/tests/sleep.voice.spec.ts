/** Devices that sleep during a call. The clocks of a page jump, and its network is gone meanwhile. */
import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { browserPid, whileAsleep } from '../support/browser_process';
import { FAKE_MICROPHONE } from '../support/chromium';
import { expect, test } from '../support/fixtures';
import { hears } from '../support/hearing';
import { speakerAndListener, speaksTo, TONE } from '../support/speaker_and_listener';
import type { Visitor } from '../support/visitor';
import { own } from '../support/words';

const HOUR_MS = 3_600_000;

/** From the next page on, a pause of more than eight seconds between two looks at a clock counts as an hour of sleep. The monotonic clock stands still meanwhile, as on Linux and macOS. */
async function makeSleepsLong(page: Page): Promise<void> {
  await page.addInitScript((hourMs) => {
    const [wall, monotonic] = [Date.now.bind(Date), performance.now.bind(performance)];
    let [last, asleepMs, hours] = [monotonic(), 0, 0];
    const look = () => {
      const now = monotonic();
      if (now - last > 8_000) {
        asleepMs += now - last;
        hours++;
      }
      last = now;
      return now - asleepMs;
    };
    performance.now = look;
    Date.now = () => {
      look();
      return wall() + hours * hourMs;
    };
  }, HOUR_MS);
}

/** From the next page on, a test can make the clocks of the page jump. */
async function takeClocks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const [wall, monotonic] = [Date.now.bind(Date), performance.now.bind(performance)];
    const ahead = { wallMs: 0, monotonicMs: 0 };
    Object.assign(window, { clocksOfTest: ahead });
    Date.now = () => wall() + ahead.wallMs;
    performance.now = () => monotonic() + ahead.monotonicMs;
  });
}

async function cameBackMuted(sleeper: Visitor): Promise<void> {
  await expect(sleeper.notice(/You were away for a while, so your microphone is off/)).toBeVisible({ timeout: 15_000 });
  await expect(sleeper.unmuteButton).toBeFocused({ timeout: 15_000 });
}

async function isHeardAfterOnePress(sleeper: Visitor, listener: Visitor): Promise<void> {
  await hears(listener, []);
  await speaksTo(sleeper, listener);
  await expect(sleeper.notice(/Nobody hears you/)).toHaveCount(0);
}

test('after an hour of sleep a person is inside again, muted, reads why, and is heard after one press', async ({ someone, startBrowser }) => {
  test.slow();
  const mark = `--snug-sleeper=${randomUUID()}`;
  const laptop = await startBrowser({ tone: TONE, args: [...FAKE_MICROPHONE, mark] });
  const ada = await (await someone({ in: laptop })).arrive('Ada');
  const ben = await (await someone()).arrive('Ben');
  ada.troubles.allow(/WebSocket connection to/);
  await makeSleepsLong(ada.page);
  await ada.enter(await ben.openRoom(own('Tea')));
  await speaksTo(ada, ben);

  // The server treats her as gone 11 s later.
  const isGone = () => expect(ben.participant('Ada')).toHaveCount(0, { timeout: 20_000 });
  await whileAsleep(await browserPid(mark), isGone);

  await cameBackMuted(ada);
  await expect(ben.participant('Ada')).toHaveAttribute('data-muted', 'true', { timeout: 15_000 });
  await isHeardAfterOnePress(ada, ben);
});

for (const { clocks, monotonicMs } of [
  { clocks: 'all clocks', monotonicMs: HOUR_MS },
  { clocks: 'only the wall clock', monotonicMs: 0 },
]) {
  test(`if ${clocks} jump by an hour and the network is still there, the person stays inside, muted, and is heard after one press`, async ({
    someone,
    startBrowser,
  }) => {
    test.slow();
    const [ada, ben] = await speakerAndListener(someone, startBrowser);
    await takeClocks(ada.page);
    await ada.enter(await ben.openRoom(own('Tea')));
    await speaksTo(ada, ben);

    await ada.page.evaluate(
      (ahead) => Object.assign((window as unknown as { clocksOfTest: object }).clocksOfTest, ahead),
      { wallMs: HOUR_MS, monotonicMs },
    );
    await cameBackMuted(ada);
    await expect(ben.participant('Ada')).toHaveAttribute('data-muted', 'true');
    await isHeardAfterOnePress(ada, ben);
  });
}
