/** `make soak`: tests that other people are served while a thousand connections are slow on purpose. Unlike the benches, it can fail. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { askUntil } from './others.mjs';
import { Subject } from './subject.mjs';

const CONNECTIONS = 1_000;
const P99_LIMIT_MS = 500;
/** How long the connections stay slow. */
const SLOW_SECONDS = 45;
/** How long the other clients send requests during that time. */
const ASK_SECONDS = 30;
/** With the default limit of connections from one address (512), many slow connections are refused. With a larger limit, all of them are open. */
const CAPS = [
  { name: 'default limit', settings: {}, enough: 400 },
  { name: 'large limit', settings: { SNUG_LIMITS_CONNECTIONS_PER_ADDRESS: '1500' }, enough: CONNECTIONS },
];

let failed = false;
for (const { name, settings, enough } of CAPS) {
  console.log(`  ${name}`);
  await Subject.during(settings, async (subject) => {
    // The server refuses a POST without our origin before it reads the body, so send the origin.
    const ours = `a=b\r\nOrigin: ${subject.url}`;
    const endpoint = `${subject.url}/api/auth/request_code`;
    await soak(subject, 'none slow', []);
    await soak(subject, 'slow headers', ['-H', '-u', `${subject.url}/`, '-i', '5', '-x', '24'], enough);
    const bodies = ['-B', '-u', endpoint, '-t', 'POST', '-i', '5', '-x', '24', '-s', '8192', '-j', ours];
    await soak(subject, 'slow bodies', bodies, enough);
    const readers = ['-X', '-u', `${subject.url}/sign-in`, '-n', '5', '-w', '10', '-y', '20', '-z', '8'];
    await soak(subject, 'slow readers', readers, enough);
  });
}
process.exitCode = failed ? 1 : 0;

async function soak(subject, name, slow, enough = 0) {
  const attack = slow.length ? await begin(subject, slow, enough) : undefined;
  const until = performance.now() + (attack ? ASK_SECONDS : 5) * 1_000;
  let fewest = Infinity;
  // The other people come from the same address as the slow connections.
  const others = await askUntil(subject, until, async (turn) => {
    if (attack && turn % 20 === 0) fewest = Math.min(fewest, await openSockets(subject));
  });
  await attack?.end();
  const good = others.p99 < P99_LIMIT_MS && others.allAnswered && (!attack || fewest >= enough);
  failed ||= !good;
  const meanwhile = attack ? `, never fewer than ${fewest} connections open` : '';
  console.log(`  ${name.padEnd(14)} ${good ? 'ok    ' : 'FAILED'} ${others.figures}${meanwhile}`);
}

/** Starts the slow connections, and waits until enough of them are open. */
async function begin(subject, slow, enough) {
  const all = [...slow, '-c', String(CONNECTIONS), '-r', '400', '-l', String(SLOW_SECONDS + 15), '-p', '3'];
  const child = spawn('slowhttptest', all, { stdio: 'ignore' });
  const gone = once(child, 'exit');
  for (let tries = 0; (await openSockets(subject)) < enough; tries++) {
    if (tries === 300) throw new Error('slowhttptest did not open enough connections');
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return {
    async end() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** The number of open files of the server: its connections, and some dozens of others. */
async function openSockets(subject) {
  return (await readdir(`/proc/${subject.child.pid}/fd`)).length;
}
