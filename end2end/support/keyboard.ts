/** Going through a page with only a keyboard. */
import { expect, type FileChooser, type Locator, type Page } from '@playwright/test';

/** If a control needs more presses of Tab than this, it is too hard to reach with a keyboard. */
const STOPS_LIMIT = 25;

/** Presses Tab until `goal` has the focus (zero times if it already has the focus). Checks that the focus is visible. */
export async function tabTo(page: Page, goal: Locator): Promise<void> {
  for (let stops = 0; !(await hasFocus(goal)); stops++) {
    if (stops === STOPS_LIMIT) throw new Error(`${goal} is not reached with ${STOPS_LIMIT} Tabs`);
    await page.keyboard.press('Tab');
  }
  expect(await focusIsSeen(goal), `focus on ${goal} can be seen`).toBe(true);
}

/** Whether this control has the focus. */
export function hasFocus(goal: Locator): Promise<boolean> {
  return goal.evaluate((element) => element === document.activeElement);
}

/** Whether no control has the focus, for example because the one that had it is gone. */
export function hasLostFocus(page: Page): Promise<boolean> {
  return page.evaluate(() => document.activeElement === document.body);
}

/** Lets the next Tab go to the first control of the page, as on a page that has just been opened. */
export async function startAtTheTop(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
}

/** How many presses of Tab it takes from the top of the page to `goal`. */
export async function stopsTo(page: Page, goal: Locator): Promise<number> {
  await startAtTheTop(page);
  for (let stops = 0; stops <= STOPS_LIMIT; stops++) {
    if (await hasFocus(goal)) return stops;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${goal} is not reached with ${STOPS_LIMIT} Tabs from the top of the page`);
}

/** Presses `key`, for example an arrow key in a menu, until `goal` has the focus. `most` is the highest number of presses. */
export async function pressUntil(page: Page, key: string, goal: Locator, most: number): Promise<void> {
  for (let presses = 0; !(await hasFocus(goal)); presses++) {
    if (presses === most) throw new Error(`${goal} is not reached with ${most} times ${key}`);
    await page.keyboard.press(key);
  }
}

/** Presses what opens a chooser for files, and returns the chooser. */
export async function chooserAfter(page: Page, press: () => Promise<void>): Promise<FileChooser> {
  const opened = page.waitForEvent('filechooser');
  // Playwright tells the page to report its choosers, but does not wait until the page knows. A key takes another way through the browser.
  // If it is there first, a real chooser opens, and no test hears of it. The page answers this question only after it knows.
  const ready = page.evaluate(() => {});
  const [chooser] = await Promise.all([opened, ready.then(press)]);
  return chooser;
}

/** A control that is itself invisible, like a file input under its label, may show the focus on its label or beside it. */
function focusIsSeen(goal: Locator): Promise<boolean> {
  return goal.evaluate((element: HTMLInputElement) => {
    const shown = (candidate: Element | null | undefined) => {
      if (!candidate) return false;
      const style = getComputedStyle(candidate);
      return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
    };
    const near = [element, ...(element.labels ?? []), element.parentElement, element.nextElementSibling];
    return element.matches(':focus-visible') && near.some(shown);
  });
}
