/**
 * The servers that bench-sessions compares: Snug, the Express server in peer/, and the programs in floor/, which show the
 * least that a rotation can cost.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, rm, mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Jar, drive, request } from './sockets.mjs';
import { REPOSITORY, Subject, freePort } from './subject.mjs';

const PEER = path.join(import.meta.dirname, 'peer');
const FLOOR = path.join(REPOSITORY, 'target/floor/release/floor');
const HTML = 'text/html,application/xhtml+xml';

/** Snug, from the same build as `make run`, with `people` accounts that are signed in. */
export class Snug {
  name = 'Snug';

  async start(people) {
    this.subject = await Subject.fresh();
    await this.subject.start();
    this.port = this.subject.port;
    this.database = openDatabase(path.join(this.subject.dataDir, 'snug.db'));
    this.jars = Array.from({ length: people }, () => new Jar());
    await this.#signIn();
  }

  get pid() {
    return this.subject.child.pid;
  }

  /** Signs everybody in as people do, with a code by mail. No token is made in another way. */
  async #signIn() {
    const email = (turn) => `guest${turn}@example.org`;
    const form = (path, body) => (turn) => {
      const jar = this.jars[turn];
      return { jar, text: request(this, 'POST', path, { jar, body: body(turn) }) };
    };
    must(await drive(this, 8, this.jars.length, form('/api/auth/request_code', (turn) => `email=${email(turn)}`)));
    const codes = await this.#readCodes();
    must(await drive(this, 8, this.jars.length, form('/api/auth/verify_code', (turn) => `code=${codes.get(email(turn))}`)));
    this.database.exec("update users set name = 'Guest', activated_at = created_at");
  }

  async #readCodes() {
    const outbox = path.join(this.subject.dataDir, 'outbox');
    const codes = new Map();
    for (let tries = 0; codes.size < this.jars.length && tries < 300; tries++) {
      for (const name of await readdir(outbox)) {
        if (!name.endsWith('.eml')) continue;
        const letter = await readFile(path.join(outbox, name), 'utf8');
        codes.set(letter.match(/guest\d+@example\.org/)[0], letter.match(/^Subject: (\d{6}) /m)[1]);
        await rm(path.join(outbox, name));
      }
      await new Promise((wake) => setTimeout(wake, 100));
    }
    return codes;
  }

  /**
   * Makes everybody's token old enough to be rotated (`confirm_seconds` is 120 s). Also makes SQLite write its write-ahead log from the
   * start again, as a running server does every thousand pages. The file of the log keeps its size, as on a running server. If it were
   * truncated, it would grow again during the measurement.
   */
  age() {
    this.database.exec('update sessions set served_at = served_at - 1000');
    this.database.pragma('wal_checkpoint(RESTART)');
  }

  /** The number of rotations that were written so far. */
  async writes() {
    return this.database.prepare('select sum(gen) as sum from sessions').get().sum;
  }

  refresh(jar) {
    return request(this, 'POST', '/api/auth/refresh', { jar });
  }

  me(jar) {
    return request(this, 'POST', '/api/auth/me', { jar });
  }

  page(jar) {
    return request(this, 'GET', '/rooms', { jar, accept: HTML });
  }

  home() {
    return request(this, 'GET', '/', { accept: HTML });
  }

  async discard() {
    this.database?.close();
    await this.subject?.discard();
  }
}

/** The Express server in peer/. This server rotates at every refresh, so `age` only makes SQLite write its log from the start again, as for Snug. */
export class Peer {
  name = 'Express';

  async start(people) {
    this.folder = await mkdtemp(path.join(tmpdir(), 'snug-peer-'));
    this.port = await freePort();
    const file = path.join(this.folder, 'peer.db');
    const env = { ...process.env, PORT: this.port, USERS: people, DB: file, NODE_ENV: 'production' };
    this.child = spawn(process.execPath, ['server.js'], { cwd: PEER, env, stdio: ['ignore', 'ignore', 'inherit'] });
    const cookies = await this.#ask('/bench/cookies');
    this.jars = cookies.map((header) => new Jar(header));
    this.database = openDatabase(file);
  }

  async #ask(path) {
    for (let tries = 0; tries < 200; tries++) {
      const answer = await fetch(`http://127.0.0.1:${this.port}${path}`).catch(() => undefined);
      if (answer) return answer.json();
      await new Promise((wake) => setTimeout(wake, 50));
    }
    throw new Error('the Express server did not start');
  }

  get pid() {
    return this.child.pid;
  }

  age() {
    this.database.pragma('wal_checkpoint(RESTART)');
  }

  writes() {
    return this.#ask('/bench/writes');
  }

  refresh(jar) {
    return request(this, 'GET', '/api/refresh', { jar });
  }

  me(jar) {
    return request(this, 'GET', '/api/me', { jar });
  }

  home() {
    return request(this, 'GET', '/', { accept: HTML });
  }

  discard() {
    return discard(this);
  }
}

/** The program in floor/, which does the least that a rotation needs. Its variant `packages` uses axum and sqlx; the variant `bare` does not. */
export class Floor {
  constructor(name) {
    this.name = name;
  }

  async start(sessions) {
    this.folder = await mkdtemp(path.join(tmpdir(), 'snug-floor-'));
    this.port = await freePort();
    const file = path.join(this.folder, 'floor.db');
    const settings = [this.name, this.port, file, sessions].map(String);
    this.child = spawn(FLOOR, settings, { stdio: ['ignore', 'ignore', 'inherit'] }).on('error', () => {});
    this.jars = Array.from({ length: sessions }, (_, session) => Object.assign(new Jar(), { session }));
    await accepting(this);
    this.database = openDatabase(file);
  }

  get pid() {
    return this.child.pid;
  }

  age() {
    this.database.pragma('wal_checkpoint(RESTART)');
  }

  writes() {
    return this.database.prepare('select sum(gen) as sum from sessions').get().sum;
  }

  /** A request as long as one to Snug, so that the server reads as many bytes as Snug. */
  refresh({ session }) {
    return `POST /${session} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nCookie: ${'a'.repeat(600)}\r\n\r\n`;
  }

  discard() {
    return discard(this);
  }
}

/** If an answer was not 200, throws an error that quotes the first such answer. */
export function must(outcome) {
  if (outcome.odd) throw new Error(`an answer that was not 200:\n${outcome.odd}`);
  return outcome;
}

/** Opens a database with better-sqlite3, a dependency of the Express server. */
function openDatabase(file) {
  const Database = createRequire(path.join(PEER, 'server.js'))('better-sqlite3');
  return new Database(file, { timeout: 10_000 });
}

/** Waits until the program accepts connections. */
async function accepting({ port, child }) {
  for (let tries = 0; tries < 200; tries++) {
    const socket = net.connect(port, '127.0.0.1');
    const accepted = await once(socket, 'connect').then(() => true, () => false);
    socket.destroy();
    if (accepted) return;
    if (hasEnded(child)) break;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`${FLOOR} did not start`);
}

/** Stops a server and removes its folder. Also works for a server that did not start. */
async function discard({ child, database, folder }) {
  database?.close();
  await end(child);
  if (folder) await rm(folder, { recursive: true, force: true });
}

async function end(child) {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const stubborn = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(stubborn);
}

function hasEnded(child) {
  return child?.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
