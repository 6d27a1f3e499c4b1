/** Other people, who open pages while something else keeps the server busy. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { percentile } from './load.mjs';

/** How many people send requests at the same time. Each request is a new connection. */
const PEOPLE = 8;
const PATHS = ['/', '/sign-in', '/healthz', '/faces/Ada.svg'];

/**
 * Sends requests until the time `until`. After every request of a person, calls `look` with the number of their earlier requests.
 * Returns the 99th percentile of the time that a request took, in ms; whether every request was answered with 200; and a line of text
 * with the figures.
 */
export async function askUntil(subject, until, look = () => {}) {
  const took = [];
  const errors = new Map();
  const person = async (_, number) => {
    for (let turn = 0; performance.now() < until; turn++) {
      await request(subject, PATHS[(turn + number) % PATHS.length]).then(
        (ms) => took.push(ms),
        (reason) => errors.set(reason.message, (errors.get(reason.message) ?? 0) + 1),
      );
      await look(turn);
    }
  };
  await Promise.all(Array.from({ length: PEOPLE }, person));
  const [p50, p99] = [50, 99].map((percent) => (took.length ? percentile(took, percent) : Infinity));
  const faults = [...errors].map(([message, count]) => `, ${count} times: ${message}`).join('');
  const figures = `${took.length} requests, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms${faults}`;
  return { p99, allAnswered: errors.size === 0 && took.length > 0, figures };
}

/** Like `askUntil`, but in another thread. If the calling thread is busy, it would add its own delays to the figures. */
export async function askInThread({ port, isSecure }, seconds) {
  const thread = new Worker(new URL(import.meta.url), { workerData: { port, isSecure, seconds } });
  const [others] = await once(thread, 'message');
  return others;
}

if (!isMainThread) {
  parentPort.postMessage(await askUntil(workerData, performance.now() + workerData.seconds * 1_000));
}

function request(subject, path) {
  const began = performance.now();
  const headers = { host: `localhost:${subject.port}` };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: subject.port, path, agent: false, headers, timeout: 10_000, rejectUnauthorized: false };
    const { get } = subject.isSecure ? https : http;
    const asked = get(options, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`));
      response.resume().on('end', () => resolve(performance.now() - began));
      response.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout'))).on('error', reject);
  });
}
