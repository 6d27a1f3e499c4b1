/**
 * `make bench-faces`: measures the CPU of 40 drawn faces that blink and look at whoever speaks, in a room that somebody looks into. The same
 * page with reduced motion, where faces keep still, shows what the rest of the page costs. Prints figures only.
 */
import { cpus, loadavg } from 'node:os';
import { idOf, launch, visit } from './room_visit.mjs';
import { Subject } from './subject.mjs';

const FACES = Number(process.env.SNUG_BENCH_FACES) || 40;
const SECONDS = Number(process.env.SNUG_BENCH_SECONDS) || 20;
const ROUNDS = Number(process.env.SNUG_BENCH_ROUNDS) || 3;
/** Somebody else speaks after this many seconds, so all eyes move. */
const TURN_SECONDS = 4;
/** A phone of the middle class has about a quarter of the speed of one core here. */
const PHONE = 4;
const GOAL = 0.01;
/** Large enough to show all faces, because a browser does not paint what is out of sight. */
const VIEWPORT = { width: 1280, height: 1600 };
/** The work of opening the page is over after this time. */
const SETTLING_SECONDS = 3;
/** Figures of CDP's domain Performance, in seconds of the page's main thread. */
const PARTS = { TaskDuration: 'all tasks', ScriptDuration: 'scripts', LayoutDuration: 'layout', RecalcStyleDuration: 'styles' };

console.log(`${FACES} drawn faces on ${cpus().length} cores (${cpus()[0]?.model}), load average ${loadavg()[0].toFixed(1)} at the start`);
const subject = await (await Subject.fresh()).start();
const browser = await launch();
try {
  const figures = { moving: [], still: [] };
  for (let round = 0; round < ROUNDS; round++) {
    figures.moving.push(await measure({ reducedMotion: 'no-preference' }));
    figures.still.push(await measure({ reducedMotion: 'reduce' }));
  }
  print('faces that move', figures.moving);
  print('with reduced motion', figures.still);
  const more = Math.max(0, least(figures.moving, 'process') - least(figures.still, 'process'));
  console.log(`the movement: ${percent(more)} of a core, ${percent(more * PHONE)} of a phone's (goal: at most ${percent(GOAL)})`);
} finally {
  await browser.close();
  await subject.discard();
}
console.log(`load average ${loadavg()[0].toFixed(1)} at the end`);

/** The shares of one core that the page takes while people speak in turn: those of the main thread, and that of all of Chromium. No other
 *  page is open meanwhile, because its faces would count too. */
async function measure(options) {
  const { page, send } = await visit(browser, subject, { many: FACES, viewport: VIEWPORT, ...options });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  let turn = 0;
  const speak = () => send({ type: 'speaking', who: [idOf((5 * turn++) % FACES)] });
  speak();
  await page.locator('.face[data-speaking]').waitFor();
  await sleep(SETTLING_SECONDS);
  const before = await read(cdp);
  const timer = setInterval(speak, TURN_SECONDS * 1_000);
  await sleep(SECONDS);
  clearInterval(timer);
  const after = await read(cdp);
  await page.context().close();
  const seconds = after.at - before.at;
  return Object.fromEntries(Object.keys(PARTS).concat('process').map((part) => [part, (after[part] - before[part]) / seconds]));
}

function sleep(seconds) {
  return new Promise((wake) => setTimeout(wake, seconds * 1_000));
}

async function read(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const found = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  const parts = Object.keys(PARTS).map((part) => [part, found[part]]);
  return { ...Object.fromEntries(parts), process: await cpuOfChromium(), at: found.Timestamp };
}

/** The CPU time of all processes of the browser, in seconds. Other threads than the main one paint the faces. */
async function cpuOfChromium() {
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  await cdp.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

function print(what, rounds) {
  console.log(what);
  for (const [part, name] of Object.entries(PARTS)) console.log(`  main thread, ${name.padEnd(10)} ${figure(rounds, part)}`);
  console.log(`  all of Chromium         ${figure(rounds, 'process')}`);
}

function figure(rounds, part) {
  const share = least(rounds, part);
  const all = rounds.map((round) => percent(round[part])).join(', ');
  return `${percent(share).padStart(7)} of a core, ${percent(share * PHONE).padStart(7)} of a phone's   (${all})`;
}

/** The lowest of the rounds, because other work on the machine can only add to it. */
function least(rounds, part) {
  return Math.min(...rounds.map((round) => round[part]));
}

function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}
