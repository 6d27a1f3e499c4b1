/** The roles and accessible names of a page, compared with a file in end2end/golden/. UPDATE_GOLDEN=1 writes that file. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';

const FOLDER = path.resolve(__dirname, '../golden');
const ENDING = '.aria.txt';
const UPDATE = process.env.UPDATE_GOLDEN === '1';

/** Only a difference that lasts this long fails the test: the page may still be hydrating, or waiting for a signal from the server. */
const LIMIT_MS = 10_000;
/** Before a file is written, the page must have been the same for this long. */
const SETTLED_MS = 2_000;

/** A difference fails the test but does not stop it, so that axe still checks the page. */
const softly = expect.configure({ soft: true });

/** Patterns for text that differs from run to run, and its placeholders. Applied in this order. */
const PLACEHOLDERS: [RegExp, string][] = [
  [/https?:\/\/localhost:\d+[^\s"'<>]*/g, '<address>'],
  [/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, '<e-mail>'],
  [/\b([A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2,8} 20\d{2}\b/g, '<date>'],
  [/\b\d{1,2}:\d{2}(:\d{2})?\b/g, '<time>'],
  [/\b\d+ (second|minute|hour|day)s? ago\b/g, '<time> ago'],
  [/\b(joined|seen) just now\b/g, '$1 <time> ago'],
  [/\b(just started|live for \d+ (min|h|days))\b/g, 'live for <duration>'],
  [/\bexpires in \d+ (minute|hour|day)s?\b/g, 'expires in <duration>'],
  [/\b\d+ ms\b/g, '<duration>'],
  [/\b\d+ packets a second\b/g, '<number> packets a second'],
  [/\b\d+(\.\d+)? % lost\b/g, '<number> % lost'],
  [/(term: Loudest\n *- definition): .*/g, '$1: <level>'],
  // This sentence comes after some seconds of silence.
  [/^( *- paragraph): Nobody is talking right now\.$/gm, '$1'],
  [/\b\d{3} ?\d{3}\b/g, '<code>'],
  // Ids and tokens: long, and with both a letter and a digit.
  [/\b(?=[\w-]*[A-Za-z])(?=[\w-]*\d)[\w-]{16,}/g, '<id>'],
];

/** Fails with a diff if the page's roles and names are not those of the golden file. */
export async function expectAccessibleNames(page: Page, name: string): Promise<void> {
  const file = path.join(FOLDER, name + ENDING);
  if (UPDATE) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, await settled(page));
    return;
  }
  const message = `roles and accessible names of ${name}; if the change is intended, run with UPDATE_GOLDEN=1`;
  await softly.poll(() => accessibleNames(page), { message, timeout: LIMIT_MS }).toBe(readGolden(file));
}

/** The names of the golden files, in alphabetical order. */
export function goldenFiles(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(ENDING));
  return files.map((file) => file.slice(0, -ENDING.length)).sort();
}

function readGolden(file: string): string {
  if (!existsSync(file)) throw new Error(`${file} is missing; UPDATE_GOLDEN=1 writes it`);
  return readFileSync(file, 'utf8');
}

/** Whether the page was hydrated, then one line for each role, with its name. */
async function accessibleNames(page: Page): Promise<string> {
  const hydrated = (await page.locator('body[data-hydrated]').count()) === 1;
  // News goes away after some seconds, so how much of it is there depends on the speed of the test.
  await hideNews(page, true);
  const tree = await page.locator('body').ariaSnapshot();
  await hideNews(page, false);
  return `data-hydrated: ${hydrated ? 'yes' : 'no'}\n${normalised(tree)}\n`;
}

/** Hides the toasts and the live region from screen readers, or shows them again. */
async function hideNews(page: Page, hidden: boolean): Promise<void> {
  await page.locator('.toasts, [data-announcer]').evaluateAll((regions, isHidden) => {
    for (const region of regions) {
      if (isHidden) region.setAttribute('aria-hidden', 'true');
      else region.removeAttribute('aria-hidden');
    }
  }, hidden);
}

function normalised(tree: string): string {
  return PLACEHOLDERS.reduce((text, [pattern, words]) => text.replace(pattern, words), withoutAddresses(tree));
}

/** Removes the addresses of links. They are not names, so a change in them is no failure. */
function withoutAddresses(tree: string): string {
  const lines = tree.split('\n').filter((line) => !/^ *- \/url:/.test(line));
  // A line that has nothing below it any more must not end with a colon.
  const isAbove = (line: string, next = '') => indentOf(next) > indentOf(line);
  return lines.map((line, at) => (isAbove(line, lines[at + 1]) ? line : line.replace(/:$/, ''))).join('\n');
}

function indentOf(line: string): number {
  return line.search(/[^ ]|$/);
}

async function settled(page: Page): Promise<string> {
  let tree = await accessibleNames(page);
  let since = Date.now();
  const deadline = since + LIMIT_MS;
  while (Date.now() - since < SETTLED_MS) {
    if (Date.now() > deadline) throw new Error(`the page did not settle within ${LIMIT_MS} ms`);
    await page.waitForTimeout(100);
    const now = await accessibleNames(page);
    if (now !== tree) [tree, since] = [now, Date.now()];
  }
  return tree;
}
