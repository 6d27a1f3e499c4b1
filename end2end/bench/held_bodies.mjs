/**
 * `make soak`: tests that other requests are served while 512 connections hold back the last byte of a picture. The connections come from
 * strangers and from people who are signed in. Fails if the server uses too much memory or if the other requests take too long.
 */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { percentile } from './load.mjs';
import { Jar, drive, request } from './sockets.mjs';
import { Subject } from './subject.mjs';

const CONNECTIONS = 512;
const MEMORY_LIMIT_MB = 100;
const P99_LIMIT_MS = 100;
const HOLD_SECONDS = 30;
/** Just below the largest body that an endpoint for pictures reads. */
const LENGTH = 12_600_000;
const PART = Buffer.alloc(256 * 1024, 'x');
/** Linux answers on all of 127.0.0.0/8. The bodies come from eight addresses, and the other requests from a ninth. */
const from = (turn) => `127.0.0.${10 + (turn % 8)}`;
const PATHS = ['/', '/sign-in', '/healthz', '/faces/Ada.svg'];
const OTHERS = 8;

const subject = await (await Subject.fresh()).start();
let good = false;
try {
  good = await soak();
} finally {
  await subject.discard();
}
process.exitCode = good ? 0 : 1;

async function soak() {
  const jar = await signIn();
  const kinds = [
    { path: 'profile/activate', first: 'name=Ada&picture=' },
    { path: 'profile/activate', first: 'name=Ada&picture=', cookies: jar.header },
    { path: 'invites/come_as_guest', first: 'name=Gus&picture=' },
    { path: 'invites/come_as_guest', first: `token=${await makeGuestLink(jar)}&name=Gus&picture=` },
  ];
  const before = (await subject.memory()).now;
  const until = performance.now() + HOLD_SECONDS * 1_000;
  const statuses = new Map();
  const holds = Array.from({ length: CONNECTIONS }, async (_, turn) => {
    // Whenever a connection is refused or ended, open a new one, until the time is up.
    while (performance.now() < until) {
      const status = await hold(from(turn), kinds[turn % kinds.length], until);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await new Promise((wake) => setTimeout(wake, 500));
    }
  });
  const took = [];
  const errors = new Map();
  const others = Array.from({ length: OTHERS }, async (_, other) => {
    for (let turn = other; performance.now() < until; turn++) {
      await ask(PATHS[turn % PATHS.length]).then(
        (ms) => took.push(ms),
        (reason) => errors.set(reason.message, (errors.get(reason.message) ?? 0) + 1),
      );
    }
  });
  await Promise.all([...holds, ...others]);
  const grown = (await subject.memory()).highest - before;
  const p99 = percentile(took, 99);
  const faults = [...errors].map(([message, count]) => `; ${count} times ${message}`).join('');
  const ends = [...statuses].map(([status, count]) => `${count} ${status}`).join(', ');
  const isGood = grown <= MEMORY_LIMIT_MB && p99 < P99_LIMIT_MS && errors.size === 0 && statuses.has('503');
  console.log(
    `  ${CONNECTIONS} held bodies ${isGood ? 'ok    ' : 'FAILED'} ${grown.toFixed(0)} MB more; ${took.length} other ` +
      `requests, p50 ${percentile(took, 50).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; ended with ${ends}${faults}`,
  );
  return isGood;
}

/** Sends all but the last byte. Returns the status of the answer, or how the connection ended without one. */
async function hold(localAddress, { path, first, cookies }, until) {
  const socket = net.connect({ host: '127.0.0.1', port: subject.port, localAddress });
  const ended = new Promise((resolve) => {
    let heard = '';
    socket.on('data', (text) => {
      heard += text;
      resolve(heard.split(' ')[1]);
    });
    socket.on('error', () => resolve('broken')).on('close', () => resolve('closed'));
    setTimeout(() => resolve('held'), until - performance.now());
  });
  const lines = [`POST /api/${path} HTTP/1.1`, `Host: localhost:${subject.port}`, `Origin: ${subject.url}`];
  lines.push('Accept: application/json', 'Content-Type: application/x-www-form-urlencoded', `Content-Length: ${LENGTH}`);
  if (cookies) lines.push(`Cookie: ${cookies}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n${first}`);
  let left = LENGTH - 1 - first.length;
  const isOver = ended.then(() => true);
  while (left > 0 && !socket.destroyed) {
    const part = PART.subarray(0, Math.min(left, PART.length));
    left -= part.length;
    // Write no faster than the server reads, and stop once there is an answer.
    const drained = socket.write(part) ? undefined : once(socket, 'drain').catch(() => {});
    if (await Promise.race([drained, isOver])) break;
  }
  const status = await ended;
  socket.destroy();
  return status;
}

async function signIn() {
  const jar = new Jar();
  const email = 'ada@example.org';
  await must(jar, 'auth/request_code', `email=${email}`);
  await must(jar, 'auth/verify_code', `code=${await subject.readCode(email)}`);
  await must(jar, 'profile/activate', 'name=Ada&picture=');
  return jar;
}

/** The token of a link that lets guests into a new room. */
async function makeGuestLink(jar) {
  const room = await post(jar, 'rooms/open', 'topic=Tea&kind=open');
  const invite = await post(jar, 'invites/make', `room=${room.id}&days=7&most_uses=10&guests=true`);
  return invite.link.split('/').at(-1);
}

async function must(jar, endpoint, body) {
  const form = () => ({ text: request(subject, 'POST', `/api/${endpoint}`, { jar, body }), jar });
  const { good, odd } = await drive(subject, 1, 1, form);
  if (good !== 1) throw new Error(`${endpoint}: ${odd}`);
}

async function post(jar, endpoint, body) {
  const headers = { cookie: jar.header, origin: subject.url, host: `localhost:${subject.port}` };
  headers['content-type'] = 'application/x-www-form-urlencoded';
  const options = { host: '127.0.0.1', port: subject.port, path: `/api/${endpoint}`, method: 'POST', headers };
  const asked = http.request(options).end(body);
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const part of response) text += part;
  if (response.statusCode !== 200) throw new Error(`${endpoint} answered ${response.statusCode}: ${text}`);
  return JSON.parse(text);
}

function ask(path) {
  const began = performance.now();
  const headers = { host: `localhost:${subject.port}` };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: subject.port, path, agent: false, headers, timeout: 10_000 };
    const asked = http.get(options, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`));
      response.resume().on('end', () => resolve(performance.now() - began));
      response.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout'))).on('error', reject);
  });
}
