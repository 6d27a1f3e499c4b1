/**
 * `make bench-inp`: measures how fast the page of a room of 50 people answers presses (INP, Interaction to Next Paint) at a quarter of the
 * CPU, as on a phone. Prints figures only.
 */
import { cpus, loadavg } from 'node:os';
import { percentile } from './load.mjs';
import { launch, visit } from './room_visit.mjs';
import { Subject } from './subject.mjs';

const PEOPLE = Number(process.env.SNUG_BENCH_PEOPLE) || 50;
const ROUNDS = Number(process.env.SNUG_BENCH_ROUNDS) || 12;
const SLOWER = 4;
const GOAL_MS = 200;
/** How many of the interactions above the goal are explained. */
const SLOWEST = 4;
/** Snug lets nobody raise a hand more often. */
const HANDS_A_MINUTE = 6;
/** How long the page may take to show an answer. This is longer than any figure that counts. */
const LIMIT_MS = 10_000;

console.log(`a room of ${PEOPLE} on ${cpus().length} cores (${cpus()[0]?.model}), load average ${loadavg()[0].toFixed(1)} at the start`);
const subject = await (await Subject.fresh()).start();
const browser = await launch();
try {
  const { page } = await visit(browser, subject, { many: PEOPLE - 1, permissions: ['microphone'] });
  page.setDefaultTimeout(LIMIT_MS);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await button(page, 'Unmute').waitFor();
  await page.evaluate(watchInteractions);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });

  const all = [];
  const slow = [];
  for (const [what, act, rounds = ROUNDS] of actionsOn(page)) {
    const durations = [];
    for (let round = 0; round < rounds; round++) {
      await act(round);
      const taken = await page.evaluate(() => window.takeInteractions());
      durations.push(...taken.map(({ duration }) => duration));
      slow.push(...taken.filter(({ duration }) => duration > GOAL_MS).map((interaction) => ({ what, round, ...interaction })));
    }
    if (durations.length) print(what, durations);
    else console.log(`  ${what.padEnd(26)} no interaction was reported`);
    all.push(...durations);
  }
  console.log(`INP (98th percentile of ${all.length} interactions at a quarter of the CPU): ${ms(percentile(all, 98))}, worst ${ms(Math.max(...all))} (goal: at most ${GOAL_MS} ms)`);
  for (const interaction of slow.sort((one, other) => other.duration - one.duration).slice(0, SLOWEST)) explain(interaction);
} finally {
  await browser.close();
  await subject.discard();
}
console.log(`load average ${loadavg()[0].toFixed(1)} at the end`);

/** What people do in a room, each with the number of rounds if it is not that of the others. Each action leaves the page as it was. */
function actionsOn(page) {
  const face = (round) => page.locator('button.who').nth(round % 8);
  const sheet = page.locator('#more-about');
  const tools = page.getByRole('dialog', { name: 'Host tools' });
  const close = async (opened) => {
    await page.keyboard.press('Escape');
    await page.evaluate(() => window.framesShown());
    await opened.waitFor({ state: 'hidden' });
  };
  return [
    [
      'unmute and mute',
      async () => {
        await press(button(page, 'Unmute'));
        await press(button(page, 'Mute'));
        await button(page, 'Unmute').waitFor();
      },
    ],
    [
      'open and close a face',
      async (round) => {
        await press(face(round));
        await sheet.waitFor();
        await close(sheet);
      },
    ],
    [
      'open and close Host tools',
      async () => {
        await press(button(page, 'Host tools'));
        await tools.waitFor();
        await close(tools);
      },
    ],
    [
      'raise and lower a hand',
      async () => {
        await press(button(page, 'Raise hand'));
        await press(button(page, 'Lower hand'));
        await button(page, 'Raise hand').waitFor();
      },
      Math.min(ROUNDS, HANDS_A_MINUTE),
    ],
    [
      // INP leaves out scrolling by finger or wheel, but not the keys that scroll.
      'scroll',
      async () => {
        await page.mouse.wheel(0, 600);
        for (const key of ['PageDown', 'PageUp', 'End', 'Home']) await page.keyboard.press(key);
      },
    ],
  ];
}

/** Presses, and waits until the browser has shown what changed. Playwright's search for the next button runs in the page and takes up to 40 ms. */
async function press(locator) {
  await locator.click();
  await locator.page().evaluate(() => window.framesShown());
}

function button(page, name) {
  return page.getByRole('button', { name, exact: true });
}

/**
 * Keeps the longest event of each interaction, from the input to the next paint, in steps of 8 ms, and the frames that took long. Runs in
 * the page.
 */
function watchInteractions() {
  const longest = new Map();
  const frames = [];
  const noteEvents = (entries) => {
    for (const { interactionId, name, duration, startTime, processingStart, processingEnd } of entries) {
      if (!interactionId || duration <= (longest.get(interactionId)?.duration ?? 0)) continue;
      longest.set(interactionId, { name, duration, startTime, processingStart, processingEnd });
    }
  };
  const noteFrames = (entries) => {
    for (const { startTime, duration, renderStart, styleAndLayoutStart, scripts } of entries) {
      const parts = scripts.map(({ invoker, duration: lasted, forcedStyleAndLayoutDuration: layout }) => ({ invoker, lasted, layout }));
      frames.push({ startTime, duration, renderStart, styleAndLayoutStart, parts });
    }
  };
  const events = new PerformanceObserver((list) => noteEvents(list.getEntries()));
  // Browsers report no events that took less than 16 ms, so the percentile is rather too high than too low.
  events.observe({ type: 'event', durationThreshold: 16 });
  const longFrames = new PerformanceObserver((list) => noteFrames(list.getEntries()));
  longFrames.observe({ type: 'long-animation-frame' });
  // The browser reports an event only after the paint that follows it.
  window.framesShown = async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  };
  window.takeInteractions = async () => {
    await window.framesShown();
    noteEvents(events.takeRecords());
    noteFrames(longFrames.takeRecords());
    const during = ({ startTime, duration }) =>
      frames.filter((frame) => frame.startTime < startTime + duration && frame.startTime + frame.duration > startTime);
    const taken = [...longest.values()].map((interaction) => ({ ...interaction, frames: during(interaction) }));
    longest.clear();
    frames.length = 0;
    return taken;
  };
}

/** Prints where the time of an interaction went: the wait before its handlers, the handlers, and the wait for the paint, with the long frames. */
function explain({ what, round, name, duration, startTime, processingStart, processingEnd, frames }) {
  const paint = startTime + duration - processingEnd;
  console.log(
    `  slow: ${what}, round ${round + 1}, ${name}: ${ms(duration)} = ${ms(processingStart - startTime)} before the handlers, ` +
      `${ms(processingEnd - processingStart)} in them, ${ms(paint)} until the paint`,
  );
  for (const frame of frames) {
    const end = frame.startTime + frame.duration;
    const layout = frame.styleAndLayoutStart ? ms(end - frame.styleAndLayoutStart) : 'none';
    const scripts = frame.parts.map(({ invoker, lasted, layout: forced }) => `${invoker} ${ms(lasted)}${forced ? ` (layout ${ms(forced)})` : ''}`);
    console.log(`    frame at ${ms(frame.startTime - startTime)}, ${ms(frame.duration)}, style and layout ${layout}: ${scripts.join(', ') || 'no script'}`);
  }
}

function print(what, durations) {
  const [middle, worst] = [percentile(durations, 50), Math.max(...durations)];
  console.log(`  ${what.padEnd(26)} median ${ms(middle)}, worst ${ms(worst)} of ${durations.length} interactions`);
}

function ms(duration) {
  return `${duration.toFixed(0)} ms`;
}
