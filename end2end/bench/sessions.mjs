/**
 * `make bench-sessions`: what a rotation, an access-token check and a rendered page cost the server, beside an Express
 * twin, in one run on one machine and in turns. CPU a request is the headline: it bears other load on the machine. By one
 * connection the least that a rotation can cost stands beside them (floor/).
 */
import { cpus, loadavg } from 'node:os';
import { Floor, Peer, Snug, must } from './contestants.mjs';
import { percentile } from './load.mjs';
import { cpuOf, drive } from './sockets.mjs';

// A round of 2,000 is over in a fifth of a second, before anything is warm.
const SESSIONS = Number(process.env.SNUG_BENCH_SESSIONS) || 8_000;
const ROUNDS = Number(process.env.SNUG_BENCH_ROUNDS) || 5;
// On a machine that others share a round costs up to twice another: of what has a goal there are more.
const ROTATION_ROUNDS = 2 * ROUNDS - 1;
const CONNECTIONS = [1, 32];
const PAGES = Math.ceil(SESSIONS / 8);

console.log(`sessions on ${cpus().length} cores (${cpus()[0]?.model}), load average ${loadavg()[0].toFixed(1)} at the start`);
console.log(`${SESSIONS} sessions, ${ROUNDS} rounds in turns (${ROTATION_ROUNDS} of rotations), medians; all write SQLite with synchronous=full\n`);
const started = [];
const [peer, snug] = [new Peer(), new Snug()];
try {
  await start(snug);
  const floors = [await startOrSkip(new Floor('bare')), await startOrSkip(new Floor('packages'))];
  const both = [await startOrSkip(peer), snug].filter(Boolean);
  const all = [...both, ...floors.filter(Boolean)];
  for (const one of all) await warmUp(one);
  for (const connections of CONNECTIONS) {
    console.log(`by ${connections} connection${connections > 1 ? 's' : ''}`);
    await compare('rotations that write', connections === 1 ? all : both, (one) => rotations(one, connections), ROTATION_ROUNDS);
    await compare('refreshed too early (case b)', [snug], (one) => eachOnce(one, connections, 'refresh', SESSIONS));
    await compare('access-token checks (who am I)', both, (one) => eachOnce(one, connections, 'me', SESSIONS));
    await compare('the page /, signed out', both, (one) => eachOnce(one, connections, 'home', PAGES));
    await compare('the page /rooms, signed in', [snug], (one) => eachOnce(one, connections, 'page', PAGES));
  }
  if (both.includes(peer)) console.log("(the peer's page is one line of text, as its API server answers; Snug's is rendered)");
} finally {
  await Promise.allSettled(started.map((one) => one.discard()));
}
console.log(`load average ${loadavg()[0].toFixed(1)} at the end`);

/** Whoever begins to start is discarded at the end. */
async function start(one) {
  started.push(one);
  await one.start(SESSIONS);
  return one;
}

async function startOrSkip(one) {
  return start(one).catch((reason) => {
    console.log(`${one.name} is skipped: ${String(reason?.message ?? reason).split('\n')[0]}`);
  });
}

async function warmUp(one) {
  await rotations(one, 8);
  for (const what of ['me', 'home', 'page']) if (one[what]) await eachOnce(one, 8, what, 500);
}

/** Every session rotated once; `written` says how many were. */
async function rotations(one, connections) {
  one.age();
  const before = await one.writes();
  const figure = await eachOnce(one, connections, 'refresh', SESSIONS);
  return { ...figure, written: (await one.writes()) - before };
}

async function eachOnce(one, connections, what, count) {
  const before = cpuOf(one.pid);
  const { seconds } = must(
    await drive(one, connections, count, (turn) => {
      const jar = one.jars[turn % one.jars.length];
      return { jar, text: one[what](jar) };
    }),
  );
  return { cpuUs: (cpuOf(one.pid) - before) / count, perSecond: count / seconds, count };
}

/** In turns, so that what else the machine does falls on all. */
async function compare(title, contestants, measure, count = ROUNDS) {
  const figures = new Map(contestants.map((one) => [one, []]));
  for (let round = 0; round < count; round++) {
    for (const one of contestants) figures.get(one).push(await measure(one));
  }
  console.log(`  ${title}`);
  for (const [one, rounds] of figures) console.log(`    ${one.name.padEnd(8)} ${told(rounds)}`);
  const theirs = figures.get(peer);
  if (!theirs) return;
  for (const [one, rounds] of figures) {
    if (one === peer) continue;
    const ratio = (figure) => (figure(rounds, 'cpuUs') / figure(theirs, 'cpuUs')).toFixed(3);
    console.log(`    ratio    ${one.name} ${ratio(median)} of the peer's CPU (of the lowest rounds ${ratio(lowest)})`);
  }
}

function told(rounds) {
  const all = rounds.map((round) => round.cpuUs.toFixed(0)).join(' ');
  const figure = `${median(rounds, 'cpuUs').toFixed(1)} us CPU a request (${all}), ${median(rounds, 'perSecond').toFixed(0)} a second`;
  if (rounds[0].written === undefined) return figure;
  const sum = (field) => rounds.reduce((total, round) => total + round[field], 0);
  const verdict = sum('written') === sum('count') ? '' : '; DOES NOT COUNT, they differ';
  return `${figure}; ${sum('count')} requests, ${sum('written')} written${verdict}`;
}

function median(rounds, field) {
  return percentile(rounds.map((round) => round[field]), 50);
}

function lowest(rounds, field) {
  return Math.min(...rounds.map((round) => round[field]));
}
