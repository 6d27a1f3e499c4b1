/** The figures that tests measure, each with its limit. The reporter prints them as a table at the end. */
import { expect, test } from '@playwright/test';

export const FIGURE = 'figure';

/** Notes a figure, and fails the test at its end if it is above the limit. Without a limit it is only printed. */
export function figure(what: string, measured: number, unit: 'min' | 's' | '%' | 'bytes/s', limit?: number): void {
  const text = `${format(measured, unit)}${limit === undefined ? '' : ` (at most ${format(limit, unit)})`}`;
  test.info().annotations.push({ type: FIGURE, description: `${what}: ${text}` });
  console.log(`    ${what}: ${text}`);
  if (limit !== undefined) expect.soft(measured, what).toBeLessThanOrEqual(limit);
}

function format(measured: number, unit: string): string {
  if (!Number.isFinite(measured)) return 'never';
  return `${measured.toFixed(unit === 'bytes/s' ? 0 : 2)} ${unit}`;
}
