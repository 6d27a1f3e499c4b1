/** Pictures of every page for people to look at, at three widths, light and dark: end2end/screenshots/. */
import type { Page } from '@playwright/test';
import path from 'node:path';
import { test } from '../support/fixtures';
import { ROOM_TOURS } from '../support/room_tours';
import { stageOn } from '../support/scene';
import { SCENES, SCHEMES, WIDTHS } from '../support/scenes';

const FOLDER = path.resolve(__dirname, '../screenshots');
const HEIGHTS: Record<number, number> = { 360: 740, 768: 1024, 1440: 900 };
/** A window of 1280 by 800 at a zoom of 200 %, and a phone on its side. */
const LOW = [
  { width: 640, height: 400 },
  { width: 740, height: 360 },
];

for (const scene of SCENES) {
  test(`screenshots: ${scene.name}`, async ({ startServer, someone }) => {
    test.slow();
    const { page } = await scene.show(stageOn(await startServer(), someone));
    await takeAtWidths(page, scene.name);
  });
}

for (const tour of ROOM_TOURS) {
  test(`screenshots: ${tour.name}`, async ({ startServer, someone }) => {
    test.setTimeout(300_000);
    await tour.show(stageOn(await startServer(), someone), async (name, { page }, { low = false } = {}) => {
      await takeAtWidths(page, name);
      // These show what is on the screen at once, because that is the question in a low window.
      for (const size of low ? LOW : []) {
        await page.setViewportSize(size);
        await takeInSchemes(page, `${name}-${size.width}x${size.height}`, { fullPage: false });
      }
    });
  });
}

async function takeAtWidths(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHTS[width] });
    await takeInSchemes(page, `${name}-${width}`, { fullPage: true });
  }
}

async function takeInSchemes(page: Page, name: string, options: { fullPage: boolean }): Promise<void> {
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: path.join(FOLDER, `${name}-${colorScheme}.png`), animations: 'disabled', ...options });
  }
}
