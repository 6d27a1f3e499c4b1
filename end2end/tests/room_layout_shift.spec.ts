/** Nothing in a room jumps while people come, speak, raise a hand and leave. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import { ManyPeople } from '../support/many_people';
import { own } from '../support/words';

const LIMIT = 0.001;
const SIZES = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
];

interface Shift {
  value: number;
  /** What moved, with the distances in CSS pixels. */
  moved: string;
}

test(`the layout shifts by less than ${LIMIT} while people come, speak and leave`, async ({ someone }) => {
  test.setTimeout(60_000);
  const uma = await (await someone()).arrive('Uma');
  const room = await uma.openRoom(own('Tea'));
  const ada = await (await someone()).arrive('Ada');
  const others = await ManyPeople.on(ada.page);
  await watchShifts(ada.page);
  await ada.enter(room);
  const people = ada.page.locator('li[data-person]');
  let inside = 2;

  for (const size of SIZES) {
    await ada.page.setViewportSize(size);
    const shifts: string[] = [];
    let sum = 0;
    const during = async (what: string, action: () => Promise<void>) => {
      await takeShifts(ada.page);
      await action();
      for (const { value, moved } of await takeShifts(ada.page)) {
        sum += value;
        shifts.push(`${what}: ${value.toFixed(4)} (${moved})`);
      }
    };
    // In a small room the faces grow and shrink with the number of people, so the first ones come unnoticed.
    inside += others.come(Array.from({ length: 10 }, () => ({}))).length;
    await expect(people).toHaveCount(inside);
    await still(ada.page);

    let newcomers: string[] = [];
    await during('people come', async () => {
      for (let at = 0; at < 3; at++) {
        newcomers.push(...others.come([{ guest: at === 1 }]));
        inside += 1;
        await expect(people).toHaveCount(inside);
        await still(ada.page);
      }
    });
    await during('somebody speaks', async () => {
      await uma.unmute();
      await expect(ada.participant('Uma')).toHaveAttribute('data-speaking', 'true', { timeout: 15_000 });
      others.change(newcomers[2], { muted: false });
      await expect(ada.page.locator(`li[data-person="${newcomers[2]}"]`)).toHaveAttribute('data-muted', 'false');
    });
    await during('somebody raises a hand', async () => {
      others.change(newcomers[1], { guest: true, hand: 1, hand_since_s: Math.round(Date.now() / 1000) });
      await expect(ada.page.locator(`li[data-person="${newcomers[1]}"] .face[data-hand]`)).toBeAttached();
    });
    await during('they are silent', async () => {
      await uma.mute();
      await expect(ada.participant('Uma')).toHaveAttribute('data-speaking', 'false');
    });
    await during('people leave', async () => {
      others.leave(newcomers);
      inside -= newcomers.length;
      newcomers = [];
      await expect(people).toHaveCount(inside);
    });
    expect.soft(sum, `at ${size.width} px\n  ${shifts.join('\n  ')}`).toBeLessThan(LIMIT);
  }
});

/** From the next page on, notes all shifts, also those shortly after an input, which browsers leave out of their sum (CLS). */
async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: Shift[] = [];
    const describe = ({ node, previousRect, currentRect }: LayoutShiftSource) => {
      const element = node instanceof Element ? node : node?.parentElement;
      const name = element ? `${element.localName}.${element.getAttribute('class') ?? ''}` : 'something';
      const [x, y] = [currentRect.x - previousRect.x, currentRect.y - previousRect.y].map(Math.round);
      return `${name} by ${x}, ${y}, from ${previousRect.width} by ${previousRect.height} to ${currentRect.width} by ${currentRect.height}`;
    };
    interface LayoutShiftSource {
      node: Node | null;
      previousRect: DOMRectReadOnly;
      currentRect: DOMRectReadOnly;
    }
    const note = (entries: PerformanceEntry[]) => {
      for (const entry of entries as (PerformanceEntry & { value: number; sources: LayoutShiftSource[] })[]) {
        shifts.push({ value: entry.value, moved: entry.sources.map(describe).join('; ') });
      }
    };
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    Object.assign(window, {
      takeShiftsOfTest: () => {
        note(observer.takeRecords());
        return shifts.splice(0);
      },
    });
  });
}

/** The shifts since the last call, until everything has come to rest. */
async function takeShifts(page: Page): Promise<Shift[]> {
  await still(page);
  return page.evaluate(() => (window as unknown as { takeShiftsOfTest: () => Shift[] }).takeShiftsOfTest());
}

/** Waits until faces that slide to a new place are there, and until the browser has shown that. */
async function still(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    const ends = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime))
      .map((animation) => animation.finished.catch(() => {}));
    await Promise.all(ends);
    for (let frames = 0; frames < 3; frames++) await frame();
  });
}
