/**
 * `make soak`: tests that other requests are served while 512 connections hold back the last byte of a picture. The connections come from
 * strangers and from people who are signed in. Fails if the server uses too much memory or if the other requests take too long.
 */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { askInThread } from './others.mjs';
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

const good = await Subject.during({}, soak);
process.exitCode = good ? 0 : 1;

async function soak(subject) {
  const strangers = [
    { path: 'profile/activate', first: 'name=Ada&picture=' },
    { path: 'invites/come_as_guest', first: 'name=Gus&picture=' },
  ];
  const kinds = [];
  // One person may send only two bodies at a time, and a link four, so several of each are needed to fill the budget of all bodies.
  for (const name of ['Ada', 'Ben', 'Cem']) {
    const jar = await signIn(subject, name);
    const token = await makeGuestLink(subject, jar);
    kinds.push(strangers[0], { path: 'profile/activate', first: `name=${name}&picture=`, cookies: jar.header });
    kinds.push(strangers[1], { path: 'invites/come_as_guest', first: `token=${token}&name=Gus&picture=` });
  }
  const before = (await subject.memory()).now;
  const until = performance.now() + HOLD_SECONDS * 1_000;
  const asking = askInThread(subject, HOLD_SECONDS);
  const statuses = new Map();
  const holds = Array.from({ length: CONNECTIONS }, async (_, turn) => {
    // Whenever a connection is refused or ended, open a new one, until the time is up.
    while (performance.now() < until) {
      const status = await hold(subject, from(turn), kinds[turn % kinds.length], until);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await new Promise((wake) => setTimeout(wake, 500));
    }
  });
  await Promise.all(holds);
  const others = await asking;
  const grown = (await subject.memory()).highest - before;
  const ends = [...statuses].map(([status, count]) => `${count} ${status}`).join(', ');
  const isGood = grown <= MEMORY_LIMIT_MB && others.p99 < P99_LIMIT_MS && others.allAnswered && statuses.has('503');
  console.log(
    `  ${CONNECTIONS} held bodies ${isGood ? 'ok    ' : 'FAILED'} ${grown.toFixed(0)} MB more; others: ${others.figures}; ` +
      `the bodies ended with ${ends}`,
  );
  return isGood;
}

/** Sends all but the last byte. Returns the status of the answer, or how the connection ended without one. */
async function hold(subject, localAddress, { path, first, cookies }, until) {
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

async function signIn(subject, name) {
  const jar = new Jar();
  const email = `${name.toLowerCase()}@example.org`;
  await must(subject, jar, 'auth/request_code', `email=${email}`);
  await must(subject, jar, 'auth/verify_code', `code=${await subject.readCode(email)}`);
  await must(subject, jar, 'profile/activate', `name=${name}&picture=`);
  return jar;
}

/** The token of a link that lets guests into a new room. */
async function makeGuestLink(subject, jar) {
  const room = await post(subject, jar, 'rooms/open', 'topic=Tea&kind=open');
  const invite = await post(subject, jar, 'invites/make', `room=${room.id}&days=7&most_uses=10&guests=true`);
  return invite.link.split('/').at(-1);
}

async function must(subject, jar, endpoint, body) {
  const form = () => ({ text: request(subject, 'POST', `/api/${endpoint}`, { jar, body }), jar });
  const { good, odd } = await drive(subject, 1, 1, form);
  if (good !== 1) throw new Error(`${endpoint}: ${odd}`);
}

async function post(subject, jar, endpoint, body) {
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
