/**
 * `make bench-sessions`: measures what a rotation, an access-token check and a rendered page cost the server, compared with a
 * similar Express server. Both run on the same machine and take turns. The main figure is the CPU time per request, because
 * other load on the machine disturbs it least. The part with one connection also shows the least that a rotation can cost (floor/).
 */
import { cpus, loadavg } from 'node:os';
import { Floor, Peer, Snug, must } from './contestants.mjs';
import { percentile } from './load.mjs';
import { cpuOf, drive } from './sockets.mjs';

// Many sessions, because a round of only 2,000 takes a fifth of a second, which is too short to warm up.
const SESSIONS = Number(process.env.SNUG_BENCH_SESSIONS) || 8_000;
const ROUNDS = Number(process.env.SNUG_BENCH_ROUNDS) || 5;
// On a shared machine, one round may cost twice as much as another. Only the cost of a rotation has a goal, so rotations get more rounds.
const ROTATION_ROUNDS = 2 * ROUNDS - 1;
const CONNECTIONS = [1, 32];
const PAGES = Math.ceil(SESSIONS / 8);

console.log(`sessions on ${cpus().length} cores (${cpus()[0]?.model}), load average ${loadavg()[0].toFixed(1)} at the start`);
console.log(`${SESSIONS} sessions, medians of ${ROUNDS} rounds (${ROTATION_ROUNDS} for rotations), taking turns; all write to SQLite with synchronous=full\n`);
const started = [];
const [peer, snug] = [new Peer(), new Snug()];
try {
  await start(snug);
  const floors = [await startOrSkip(new Floor('bare')), await startOrSkip(new Floor('packages'))];
  const both = [await startOrSkip(peer), snug].filter(Boolean);
  const all = [...both, ...floors.filter(Boolean)];
  for (const one of all) await warmUp(one);
  for (const connections of CONNECTIONS) {
    console.log(`with ${connections} connection${connections > 1 ? 's' : ''}`);
    await compare('rotations that write', connections === 1 ? all : both, (one) => rotations(one, connections), ROTATION_ROUNDS);
    await compare('refreshes too early, which rotate nothing', [snug], (one) => eachOnce(one, connections, 'refresh', SESSIONS));
    await compare('access-token checks (who am I)', both, (one) => eachOnce(one, connections, 'me', SESSIONS));
    await compare('the page /, signed out', both, (one) => eachOnce(one, connections, 'home', PAGES));
    await compare('the page /rooms, signed in', [snug], (one) => eachOnce(one, connections, 'page', PAGES));
  }
  if (both.includes(peer)) console.log("(the page / of Express is one line of text, because it is an API server; Snug renders its page)");
} finally {
  await Promise.allSettled(started.map((one) => one.discard()));
}
console.log(`load average ${loadavg()[0].toFixed(1)} at the end`);

/** Starts a server, and makes sure that it is discarded at the end even if it does not start completely. */
async function start(one) {
  started.push(one);
  await one.start(SESSIONS);
  return one;
}

async function startOrSkip(one) {
  return start(one).catch((reason) => {
    console.log(`skipped: ${one.name} (${String(reason?.message ?? reason).split('\n')[0]})`);
  });
}

async function warmUp(one) {
  await rotations(one, 8);
  for (const what of ['me', 'home', 'page']) if (one[what]) await eachOnce(one, 8, what, 500);
}

/** Rotates every session once. `written` is the number of rotations in the database. */
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

/** Measures the servers in turns, so that other load on the machine disturbs them all alike. */
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
    console.log(`    ratio    ${one.name} needs ${ratio(median)} times the CPU of Express (${ratio(lowest)} in the lowest rounds)`);
  }
}

function told(rounds) {
  const all = rounds.map((round) => round.cpuUs.toFixed(0)).join(' ');
  const figure = `${median(rounds, 'cpuUs').toFixed(1)} us of CPU per request (${all}), ${median(rounds, 'perSecond').toFixed(0)} per second`;
  if (rounds[0].written === undefined) return figure;
  const sum = (field) => rounds.reduce((total, round) => total + round[field], 0);
  const verdict = sum('written') === sum('count') ? '' : '; INVALID, because the two differ';
  return `${figure}; ${sum('count')} requests, ${sum('written')} written${verdict}`;
}

function median(rounds, field) {
  return percentile(rounds.map((round) => round[field]), 50);
}

function lowest(rounds, field) {
  return Math.min(...rounds.map((round) => round[field]));
}
