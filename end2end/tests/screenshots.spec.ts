/** Pictures of every page for people to look at, at three widths, light and dark: end2end/screenshots/. */
import path from 'node:path';
import { test } from '../support/fixtures';
import { stageOn } from '../support/scene';
import { SCENES, SCHEMES, WIDTHS } from '../support/scenes';

const FOLDER = path.resolve(__dirname, '../screenshots');
const HEIGHTS: Record<number, number> = { 360: 740, 768: 1024, 1440: 900 };

for (const scene of SCENES) {
  test(`screenshots: ${scene.name}`, async ({ startServer, someone }) => {
    test.slow();
    const { page } = await scene.show(stageOn(await startServer(), someone));
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHTS[width] });
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const file = path.join(FOLDER, `${scene.name}-${width}-${colorScheme}.png`);
        await page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
      }
    }
  });
}
