/** A reporter of Playwright that prints the figures of all tests as a table at the end. */
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';
import { FIGURE } from './figures';

export default class Table implements Reporter {
  private readonly lines: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    const figures = result.annotations.filter(({ type }) => type === FIGURE);
    const seconds = (result.duration / 1_000).toFixed(0);
    this.lines.push(`${result.status}: ${test.title} [${seconds} s]`, ...figures.map(({ description }) => `    ${description}`));
  }

  onEnd(): void {
    process.stdout.write(`\nfigures:\n${this.lines.join('\n')}\n`);
  }
}
