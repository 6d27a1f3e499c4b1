/** Sound that the system interrupts, as iOS does for a phone call: audio contexts stop, and can't be started before the call is over. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import { hears, isSpeaking } from '../support/hearing';
import { arriveAsSpeaker, speakerAndListener, TONE } from '../support/speaker_and_listener';
import { own } from '../support/words';

/** A microphone that gives nothing but zeros is noticed after five seconds. */
const NOTICED_AFTER_MS = 5_000;

/** What `takeContexts` keeps in the page. */
interface Contexts {
  made: AudioContext[];
  isInterrupted: boolean;
  trueState: (context: AudioContext) => string;
}

/** From the next page on, a test can interrupt the audio contexts of the page. Chromium does not have the state `interrupted`. */
async function takeContexts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const Original = window.AudioContext;
    const { get } = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'state')!;
    const kept: Contexts = { made: [], isInterrupted: false, trueState: (context) => get!.call(context) };
    window.AudioContext = new Proxy(Original, {
      construct: (target, given) => {
        const context = new target(...(given as []));
        Object.defineProperty(context, 'state', {
          get: () => (kept.isInterrupted && kept.trueState(context) !== 'closed' ? 'interrupted' : kept.trueState(context)),
        });
        context.resume = () =>
          kept.isInterrupted
            ? Promise.reject(new DOMException('The system has interrupted the sound.', 'InvalidStateError'))
            : Original.prototype.resume.call(context);
        if (kept.isInterrupted) void Original.prototype.suspend.call(context);
        kept.made.push(context);
        return context;
      },
    });
    Object.assign(window, { contextsOfTest: kept });
  });
}

/** The interruption begins or ends. Some browsers tell the page of the end, and others start a context again only for a press. */
function interruption(page: Page, what: 'begins' | 'ends' | 'ends without an event'): Promise<void> {
  return page.evaluate(async (what) => {
    const { contextsOfTest: kept } = window as unknown as { contextsOfTest: Contexts };
    kept.isInterrupted = what === 'begins';
    for (const context of kept.made.filter((context) => kept.trueState(context) !== 'closed')) {
      if (what === 'begins') await AudioContext.prototype.suspend.call(context);
      if (what === 'ends') context.dispatchEvent(new Event('statechange'));
    }
  }, what);
}

/** How many contexts the page has made, and how many of them are still open. */
function contexts(page: Page): Promise<{ made: number; open: number }> {
  return page.evaluate(() => {
    const { contextsOfTest: kept } = window as unknown as { contextsOfTest: Contexts };
    const open = kept.made.filter((context) => kept.trueState(context) !== 'closed');
    return { made: kept.made.length, open: open.length };
  });
}

test('while the system interrupts the sound of a page, others hear the person, nothing false is said, and the lamp comes back after it', async ({
  someone,
  startBrowser,
}) => {
  test.slow();
  const [ada, ben] = await speakerAndListener(someone, startBrowser);
  await takeContexts(ada.page);
  await ada.open('/rooms');
  await ben.enter(await ada.openRoom(own('Tea')));
  await ada.unmute();
  await isSpeaking(ada, 'Ada');
  const before = await contexts(ada.page);

  await interruption(ada.page, 'begins');
  await isSpeaking(ada, 'Ada', false);
  await ada.page.waitForTimeout(NOTICED_AFTER_MS + 500);
  await expect(ada.notice(/No sound comes from|hardly hear you/)).toHaveCount(0);
  await hears(ben, [TONE]);

  // The sound for a raised hand can't be played now, and must not be played later.
  await ben.raiseHandButton.click();
  await expect.poll(async () => (await contexts(ada.page)).made).toBe(before.made + 1);
  await expect.poll(async () => (await contexts(ada.page)).open).toBe(before.open);

  await interruption(ada.page, 'ends');
  await isSpeaking(ada, 'Ada');

  await interruption(ada.page, 'begins');
  await isSpeaking(ada, 'Ada', false);
  await interruption(ada.page, 'ends without an event');
  await ada.main.click({ position: { x: 5, y: 5 } });
  await isSpeaking(ada, 'Ada');
  await hears(ben, [TONE]);
});

test('during an interruption, the connection check does not call the microphone silent, and says that the page plays no sound', async ({
  someone,
  startBrowser,
}) => {
  test.slow();
  const ada = await arriveAsSpeaker(someone, startBrowser, 'Ada');
  const { page } = ada;
  const step = (name: string) => page.locator(`[data-check="${name}"]`);
  const press = (name: string, button: string) => step(name).getByRole('button', { name: button, exact: true }).click();
  const ends = (name: string, result: string) => expect(step(name), name).toHaveAttribute('data-result', result, { timeout: 20_000 });
  await takeContexts(page);
  await ada.open('/connection');
  await ends('relay', 'skipped');

  await interruption(page, 'begins');
  await press('microphone', 'Test the microphone');
  await press('speaker', 'Play a sound');
  await ends('speaker', 'bad');
  await expect(step('speaker')).toContainText('plays no sound');
  await ends('microphone', 'bad');
  await expect(step('microphone')).toContainText('measure no sound');
  await ends('loopback', 'skipped');

  await interruption(page, 'ends');
  await press('microphone', 'Test again');
  await press('speaker', 'Play a sound');
  await ends('loopback', 'good');
  await ends('microphone', 'good');
  await ends('speaker', 'running');
});
