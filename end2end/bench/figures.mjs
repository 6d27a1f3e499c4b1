/** `make figures`: measures what Snug costs on this machine. The command only prints figures, and no figure makes it fail. All traffic stays on loopback. */
import { stat } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { CATEGORIES, install, judge } from './lighthouse.mjs';
import { load, percentile } from './load.mjs';
import { Tour } from './pages.mjs';
import { BINARY, Subject } from './subject.mjs';

const STARTS = 5;
const IDLE_MS = 3_000;
const PAGE_LOADS = 50;
const REQUESTS = 500;

console.log(`measured on ${cpus().length} cores (${cpus()[0]?.model}), load average ${loadavg()[0].toFixed(1)} at the start`);
await part('the program, with the site inside', programSize);
await part('cold start (from spawn to the first 200 of /healthz)', coldStart);

const subject = await Subject.fresh();
try {
  await subject.start();
  await part('memory', idleMemory);
  await part('pages in Chromium, each with an empty cache', pages);
  await part(`load (${REQUESTS} requests over loopback; the client uses the same cores)`, pagesPerSecond);
  await part(`Lighthouse 12, a simulated phone (${CATEGORIES.join(', ')})`, lighthouse);
} finally {
  await subject.discard();
}
console.log(`\nload average ${loadavg()[0].toFixed(1)} at the end`);

/** Measures one part. If the measurement fails, prints why and returns, so that the other parts are still measured. */
async function part(title, measure) {
  console.log(`\n${title}`);
  await measure().catch((reason) => console.log(`  skipped: ${firstLine(reason)}`));
}

async function programSize() {
  const { size } = await stat(BINARY);
  print('size', `${(size / 1e6).toFixed(1)} MB`);
}

async function coldStart() {
  const first = [];
  const second = [];
  for (let round = 0; round < STARTS; round++) {
    const snug = await Subject.fresh();
    try {
      first.push((await snug.start()).startMs);
      await snug.stop();
      second.push((await snug.start()).startMs);
    } finally {
      await snug.discard();
    }
  }
  print('fresh data folder', spread(first));
  print('second start', spread(second));
}

async function idleMemory() {
  await new Promise((wake) => setTimeout(wake, IDLE_MS));
  await printMemory(`idle for ${IDLE_MS / 1000} s`);
}

async function pages() {
  const tour = await Tour.begin(subject);
  try {
    for (const stop of tour.stops) {
      const figure = await tour.weigh(stop).then(weight, (reason) => `not measured: ${firstLine(reason)}`);
      print(stop.name, figure);
    }
    let failed = 0;
    const loads = PAGE_LOADS - tour.stops.length;
    for (let load = 0; load < loads; load++) {
      await tour.visit(tour.stops[load % tour.stops.length]).catch(() => failed++);
    }
    if (failed) print('failed', `${failed} of ${loads} further page loads`);
  } finally {
    await tour.end();
  }
  await printMemory(`after ${PAGE_LOADS} page loads`);
}

function weight({ requests, bodies, headers }) {
  return `${requests} requests, ${kB(bodies + headers)} over the wire (bodies ${kB(bodies)})`;
}

async function pagesPerSecond() {
  for (const path of ['/', '/healthz']) {
    await load(subject, path, { requests: 50, connections: 1 });
    for (const connections of [1, 32]) {
      const { perSecond, p50, p99 } = await load(subject, path, { requests: REQUESTS, connections });
      const times = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
      print(`${path}, ${connections} at once`, `${perSecond.toFixed(0)} per second, ${times}`);
    }
  }
  await printMemory('memory after the load');
}

async function lighthouse() {
  await install().catch((reason) => Promise.reject(new Error(`Lighthouse (${firstLine(reason)})`)));
  for (const [path, name] of [['/', 'home'], ['/sign-in', 'sign-in']]) {
    const { marks, missed, report } = await judge(subject.url + path, name);
    print(path, marks.join(', '));
    for (const audit of missed) console.log(`    ${audit}`);
    console.log(`    (${report})`);
  }
}

async function printMemory(when) {
  const { now, highest } = await subject.memory();
  print(when, `${now.toFixed(1)} MiB resident, ${highest.toFixed(1)} MiB at the peak`);
}

function spread(times) {
  const [median, least, most] = [50, 0, 100].map((percent) => `${percentile(times, percent).toFixed(0)} ms`);
  return `${median} (${least} to ${most}, ${times.length} starts)`;
}

function print(what, figure) {
  console.log(`  ${what.padEnd(22)}  ${figure}`);
}

function kB(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function firstLine(reason) {
  return String(reason?.message ?? reason).split('\n')[0];
}
