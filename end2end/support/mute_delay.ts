/** How soon a mute stops a voice. Each figure is measured on the clock of one page, and packets are judged by what the listener's browser has
 *  counted, not by what a page hears: the load of the machine delays a page that listens, and not the packets that the browser counts. */
import { expect, type Page } from '@playwright/test';
import type { Visitor } from './visitor';

const ROUNDS = 3;
const LIMIT_MS = 300;
/** A voice that pauses sends a packet at least every 400 ms. If none has arrived for this long, none will. */
const QUIET_MS = 1_000;
const COUNT_EVERY_MS = 60;

/** What the listener's page knew at a time. Unix milliseconds, by the clock of the browser that counted. */
interface Count {
  at: number;
  /** How many packets of voices had arrived. */
  packets: number;
  /** Whether the page showed the speaker as muted. */
  showsMuted: boolean;
  /** How often the page had silenced what was left of a voice in the browser's buffer. */
  hushes: number;
}

/** Somebody whose microphone is open mutes and unmutes three times. `listener` hears nobody else. */
export async function mutesInTime(speaker: Visitor, listener: Visitor, speakerName: string): Promise<void> {
  await startCounting(listener.page, speakerName);
  const totals: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await expect.poll(() => isGrowing(listener.page), { message: 'packets arrive', timeout: 10_000 }).toBe(true);
    const before = (await countsOf(listener.page)).at(-1)!;
    const { clickedAt, sentAt, isOpen } = await pressMute(speaker.page);
    expect(isOpen, 'the microphone is closed with the message').toBe(false);
    expect(sentAt - clickedAt, 'the message leaves the page').toBeLessThan(LIMIT_MS);
    await expect(speaker.unmuteButton).toBeVisible();
    await expect(listener.participant(speakerName)).toHaveAttribute('data-muted', 'true');
    await expect.poll(() => isFinal(listener.page), { message: 'packets stop', timeout: 10_000 }).toBe(true);

    const counts = (await countsOf(listener.page)).filter(({ at }) => at > before.at);
    const last = counts.at(-1)!;
    expect(Math.abs(last.at - Date.now()), 'the browser counts by the clock of the machine').toBeLessThan(60_000);
    const knownAt = counts.find(({ showsMuted }) => showsMuted)!.at;
    // Whenever fewer packets than the last count had arrived, others were still to come.
    const incompleteAt = Math.max(clickedAt, ...counts.filter(({ packets }) => packets < last.packets).map(({ at }) => at));
    expect(incompleteAt - knownAt, 'packets after the listener knew').toBeLessThan(LIMIT_MS);
    expect(last.hushes, 'what is left in the buffer is silenced').toBeGreaterThan(before.hushes);
    totals.push(incompleteAt - clickedAt);
    await speaker.unmute();
    await expect(listener.participant(speakerName)).toHaveAttribute('data-muted', 'false');
  }
  console.log(`muted: the last packet arrived ${totals.map((ms) => ms.toFixed(0)).join(', ')} ms after the click`);
  // Two pages and the server have their part in this, and each of them can be slow once on a busy machine.
  expect(Math.min(...totals), 'from the click to the last packet').toBeLessThan(LIMIT_MS);
}

/** Begins to count in a page. `support/sound.ts` must keep the page's connections. */
async function startCounting(page: Page, speakerName: string): Promise<void> {
  await page.evaluate(
    ([name, everyMs]) => {
      const counts: Count[] = [];
      let hushes = 0;
      Object.assign(window, { countsOfTest: counts });
      const enabled = Object.getOwnPropertyDescriptor(MediaStreamTrack.prototype, 'enabled')!;
      Object.defineProperty(MediaStreamTrack.prototype, 'enabled', {
        ...enabled,
        set(this: MediaStreamTrack, isEnabled: boolean) {
          if (!isEnabled) hushes += 1;
          enabled.set!.call(this, isEnabled);
        },
      });
      const showsMuted = () => {
        const items = [...document.querySelectorAll('li[data-person]')];
        const item = items.find((one) => one.querySelector('.who-name')?.textContent?.trim().startsWith(name));
        return item?.getAttribute('data-muted') === 'true';
      };
      const count = async () => {
        const connection = (window as unknown as { connectionsOfTest: RTCPeerConnection[] }).connectionsOfTest.at(-1)!;
        let [at, packets] = [0, 0];
        for (const report of (await connection.getStats()).values()) {
          if (report.type !== 'inbound-rtp') continue;
          at = Math.max(at, report.timestamp);
          packets += report.packetsReceived;
        }
        if (at) counts.push({ at, packets, showsMuted: showsMuted(), hushes });
        setTimeout(count, everyMs);
      };
      void count();
    },
    [speakerName, COUNT_EVERY_MS] as const,
  );
}

function countsOf(page: Page): Promise<Count[]> {
  return page.evaluate(() => (window as unknown as { countsOfTest: Count[] }).countsOfTest);
}

/** Whether a packet arrived between the last two counts. */
async function isGrowing(page: Page): Promise<boolean> {
  const [before, last] = (await countsOf(page)).slice(-2);
  return last !== undefined && before.packets < last.packets;
}

/** Whether no packet has arrived for longer than any pause of a voice that is forwarded. */
async function isFinal(page: Page): Promise<boolean> {
  const counts = await countsOf(page);
  const last = counts.at(-1)!;
  return counts.some(({ at, packets }) => packets === last.packets && at <= last.at - QUIET_MS);
}

/** Presses the button of the microphone. Returns when that was and when the message left the page, in Unix milliseconds, and whether the
 *  microphone was still open then. */
function pressMute(page: Page): Promise<{ clickedAt: number; sentAt: number; isOpen: boolean }> {
  return page.evaluate(async () => {
    const now = () => performance.timeOrigin + performance.now();
    const { send } = WebSocket.prototype;
    const sent = new Promise<number>((resolve) => {
      WebSocket.prototype.send = function (data) {
        if (/"type":"mute".*"on":true/.test(String(data))) resolve(now());
        send.call(this, data);
      };
    });
    const clickedAt = now();
    document.querySelector<HTMLButtonElement>('[data-mic]')!.click();
    const sentAt = await sent;
    WebSocket.prototype.send = send;
    const connection = (window as unknown as { connectionsOfTest: RTCPeerConnection[] }).connectionsOfTest.at(-1)!;
    const isOpen = connection.getSenders().some(({ track }) => track?.enabled && track.readyState === 'live');
    return { clickedAt, sentAt, isOpen };
  });
}
