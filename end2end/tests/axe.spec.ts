/** Every page in every state: its roles and accessible names are those in end2end/golden/, and axe finds no violation of WCAG
 *  2.2 AA, in light and dark, narrow and wide. One test does both, because setting up a scene takes the most time. */
import { expectAccessibleNames, goldenFiles } from '../support/accessible_names';
import { violations } from '../support/axe';
import { expect, test } from '../support/fixtures';
import { stageOn } from '../support/scene';
import { SCENES, SCHEMES } from '../support/scenes';

const WIDTHS = [360, 1440];

for (const scene of SCENES) {
  test(`axe: ${scene.name}`, async ({ startServer, someone }) => {
    test.slow();
    const viewer = await scene.show(stageOn(await startServer(), someone));
    await test.step('roles and accessible names', () => expectAccessibleNames(viewer.page, scene.name));
    for (const width of WIDTHS) {
      await viewer.page.setViewportSize({ width, height: 900 });
      for (const colorScheme of SCHEMES) {
        await viewer.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await violations(viewer.page), `${scene.name}, ${width} px, ${colorScheme}`).toEqual([]);
      }
    }
  });
}

test('axe: each golden file of names has a scene', () => {
  expect(goldenFiles()).toEqual(SCENES.map((scene) => scene.name).sort());
});
