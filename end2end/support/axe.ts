/** Violations of WCAG 2.2 AA that axe finds on a page. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
const LOOKS = [
  { name: 'light', colorScheme: 'light', forcedColors: 'none' },
  { name: 'dark', colorScheme: 'dark', forcedColors: 'none' },
  { name: 'forced colours', colorScheme: 'light', forcedColors: 'active' },
] as const;

/** One line for each violation: the rule, and where it is broken. */
export async function violations(page: Page, ignored: string[] = []): Promise<string[]> {
  // Legacy mode needs no second page to finish a run. It can't check frames of other origins, but we have none.
  const axe = new AxeBuilder({ page }).withTags(RULES).disableRules(ignored).setLegacyMode(true);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target} ${node.failureSummary ?? ''}`),
  );
}

/** Fails if axe finds a violation on the page as it is, in light, dark or forced colours. Ends in light, with reduced motion. */
export async function expectNoViolations(page: Page, what: string): Promise<void> {
  for (const { name, ...look } of LOOKS) {
    await page.emulateMedia({ ...look, reducedMotion: 'reduce' });
    // With forced colours, the contrast is that of the system's colours. Axe would compute it from `-webkit-text-fill-color`, which
    // Chromium reports with our colour, although it draws the text in the system's.
    const ignored = look.forcedColors === 'active' ? ['color-contrast'] : [];
    expect.soft(await violations(page, ignored), `axe: ${what}, ${name}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: 'reduce' });
}
