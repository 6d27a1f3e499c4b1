/**
 * `make soak`: tests that other requests are served while one address opens 512 connections with HTTP/2, each with as many streams as
 * it may have. A quarter of the streams hold back the end of a form. The others ask for pages: one half of the connections takes nothing of them,
 * and the other half all but the last bytes. Another 512 connections begin a TLS handshake and do not end it. Fails if the server uses too
 * much memory or if the other requests take too long.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { askInThread } from './others.mjs';
import { Subject } from './subject.mjs';

const CONNECTIONS = 512;
const STREAMS = 32;
const MEMORY_LIMIT_MB = 100;
const P99_LIMIT_MS = 100;
const HOLD_SECONDS = 30;
/** Just below the largest body of an endpoint that takes no picture. */
const BODY = Buffer.alloc(60 * 1024, 'x');
/** Linux answers on all of 127.0.0.0/8. The other requests come from 127.0.0.1. */
const localAddress = '127.0.0.10';

const folder = await mkdtemp(path.join(tmpdir(), 'snug-certificate-'));
const [cert, key] = ['cert.pem', 'key.pem'].map((name) => path.join(folder, name));
const ask = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', '/CN=localhost'];
execFileSync('openssl', [...ask, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
try {
  const settings = { SNUG_PUBLIC_TLS_CERT: cert, SNUG_PUBLIC_TLS_KEY: key };
  const good = await Subject.during(settings, async (subject) => {
    const streams = await attack(subject, 'held streams', holdStreams);
    return (await attack(subject, 'stalled handshakes', stallHandshake)) && streams;
  });
  process.exitCode = good ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Opens all connections, and opens a new one whenever one ends, until the time is up. */
async function attack(subject, name, open) {
  const length = await pageLength(subject);
  const before = (await subject.memory()).now;
  let highest = before;
  const until = performance.now() + HOLD_SECONDS * 1_000;
  const asking = askInThread(subject, HOLD_SECONDS);
  let opened = 0;
  const attackers = Array.from({ length: CONNECTIONS }, async (_, turn) => {
    while (performance.now() < until) {
      opened += 1;
      await open(subject, until, turn % 2 ? 0 : length - 100);
      await new Promise((wake) => setTimeout(wake, 500));
    }
  });
  const looking = setInterval(async () => (highest = Math.max(highest, (await subject.memory()).now)), 100);
  await Promise.all(attackers);
  clearInterval(looking);
  const others = await asking;
  const grown = ((highest - before) * 1024 * 1024) / 1e6;
  const isGood = grown <= MEMORY_LIMIT_MB && others.p99 < P99_LIMIT_MS && others.allAnswered && opened >= CONNECTIONS;
  const figures = `${grown.toFixed(0)} MB more; others: ${others.figures}; ${opened} connections opened`;
  console.log(`  ${CONNECTIONS} ${name} ${isGood ? 'ok    ' : 'FAILED'} ${figures}`);
  return isGood;
}

/** One connection with as many streams as it may have. Resolves when it ends. */
function holdStreams(subject, until, initialWindowSize) {
  return new Promise((resolve) => {
    const address = { host: '127.0.0.1', port: subject.port, localAddress };
    const secure = { servername: 'localhost', ALPNProtocols: ['h2'], rejectUnauthorized: false };
    const createConnection = () => tls.connect({ ...address, ...secure });
    const session = http2.connect(subject.url, { createConnection, settings: { initialWindowSize } });
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    // A session that is destroyed while it connects says nothing more.
    const timer = setTimeout(() => {
      session.destroy();
      end();
    }, Math.max(0, until - performance.now()));
    session.on('error', () => {});
    session.on('close', end);
    session.on('connect', () => {
      if (session.destroyed) return;
      // Only the windows of the streams limit the server.
      session.setLocalWindowSize(16 << 20);
      for (let number = 0; number < STREAMS && !session.destroyed; number++) {
        const isForm = number % 4 === 3;
        const stream = session.request({
          ':method': isForm ? 'POST' : 'GET',
          ':path': isForm ? '/api/auth/request_code' : '/sign-in',
          origin: subject.url,
          'content-type': 'application/x-www-form-urlencoded',
        }, { endStream: !isForm });
        stream.on('error', () => {});
        if (isForm) stream.write(BODY);
      }
    });
  });
}

/** Sends the first 60 KiB of a ClientHello that says it is longer, and nothing more. */
function stallHandshake(subject, until) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port: subject.port, localAddress });
    const timer = setTimeout(() => socket.destroy(), Math.max(0, until - performance.now()));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    // A handshake message of type 1 with 65,000 bytes, in records of 15,000 (RFC 8446 sections 4 and 5.1).
    const record = Buffer.concat([Buffer.from([22, 3, 1, 15_000 >> 8, 15_000 & 255]), Buffer.alloc(15_000, 1)]);
    const first = Buffer.from(record);
    first.set([1, 0, 65_000 >> 8, 65_000 & 255], 5);
    socket.write(Buffer.concat([first, record, record, record]));
  });
}

/** The number of bytes of the page that the streams ask for. */
function pageLength(subject) {
  const options = { host: '127.0.0.1', port: subject.port, path: '/sign-in', agent: false, rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const request = https.get({ ...options, headers: { host: `localhost:${subject.port}` } }, async (response) => {
      let length = 0;
      for await (const part of response) length += part.length;
      resolve(length);
    });
    request.on('error', reject);
  });
}
