/** Runs Lighthouse on a page. Lighthouse is installed in target/lighthouse, so that it is not a dependency of the project. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY } from './subject.mjs';

const run = promisify(execFile);
const FOLDER = path.join(REPOSITORY, 'target/lighthouse');
const PROGRAM = path.join(FOLDER, 'node_modules/.bin/lighthouse');
export const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];

/** Installs Lighthouse unless it is installed already. */
export async function install() {
  if (existsSync(PROGRAM)) return;
  await mkdir(FOLDER, { recursive: true });
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  await run('npm', ['install', '--prefix', FOLDER, 'lighthouse@12', ...quiet], { timeout: 300_000 });
}

/** The scores of a page in each category (0 to 100), and the audits that it did not pass, each with the elements that failed. */
export async function judge(url, name) {
  const report = path.join(FOLDER, `${name}.json`);
  const env = { ...process.env, CHROME_PATH: process.env.CHROMIUM || process.env.CHROME_PATH || '/usr/bin/chromium' };
  const flags = ['--output=json', `--output-path=${report}`, '--quiet', `--only-categories=${CATEGORIES}`];
  const chrome = '--chrome-flags=--no-sandbox --headless=new --disable-quic --disable-background-networking';
  await run(PROGRAM, [url, ...flags, chrome], { env, timeout: 180_000 });
  const { categories, audits, runtimeError } = JSON.parse(await readFile(report, 'utf8'));
  if (runtimeError) throw new Error(runtimeError.message);
  const marks = CATEGORIES.map((category) => Math.round(categories[category].score * 100));
  return { marks, missed: CATEGORIES.flatMap((category) => missed(categories[category], audits)), report };
}

function missed(category, audits) {
  return category.auditRefs
    .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.9)
    .map(({ id }) => [category.id, audits[id].title, audits[id].displayValue, ...culprits(audits[id])])
    .map((words) => words.filter(Boolean).join(': '));
}

function culprits({ details }) {
  return (details?.items ?? []).slice(0, 3).map((item) => item.node?.snippet ?? item.url ?? item.description);
}
