/** The Snug server that is measured, with its own data folder and port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const REPOSITORY = path.resolve(import.meta.dirname, '../..');
export const BINARY = path.resolve(REPOSITORY, process.env.SNUG_BIN || 'target/release/snug');
const START_LIMIT_MS = 20_000;

export class Subject {
  /** The time from spawn to the first 200 of /healthz at the last start. */
  startMs = 0;

  constructor(port, dataDir, settings) {
    this.port = port;
    this.dataDir = dataDir;
    this.settings = settings;
  }

  /** A server that is not running yet, with a new data folder. `settings` are variables of the environment. */
  static async fresh(settings = {}) {
    return new Subject(await freePort(), await mkdtemp(path.join(tmpdir(), 'snug-figures-')), settings);
  }

  /** Starts a server with a new data folder, passes it to `action`, and discards it afterwards, also if `action` fails. */
  static async during(settings, action) {
    const subject = await Subject.fresh(settings);
    try {
      return await action(await subject.start());
    } finally {
      await subject.discard();
    }
  }

  /** The public URL. Browsers must use it, because the server compares the Origin with it. */
  get url() {
    return `${this.isSecure ? 'https' : 'http'}://localhost:${this.port}`;
  }

  /** Whether this server ends TLS itself. */
  get isSecure() {
    return 'SNUG_PUBLIC_TLS_CERT' in this.settings;
  }

  async start() {
    const began = performance.now();
    this.child = spawn(BINARY, [], { cwd: this.dataDir, env: this.environment, stdio: 'ignore' });
    this.child.on('error', () => {});
    while (!(await healthy(this))) {
      const ended = this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
      const late = performance.now() - began > START_LIMIT_MS;
      if (ended || late) throw new Error(`${BINARY} did not become ready on port ${this.port}`);
      await new Promise((wake) => setTimeout(wake, 1));
    }
    this.startMs = performance.now() - began;
    return this;
  }

  async stop() {
    const { child } = this;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const stubborn = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(stubborn);
  }

  /** Stops the server and removes its data folder. */
  async discard() {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** The resident memory now and at its peak, in MiB. Linux only; elsewhere both are NaN. */
  async memory() {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8').catch(() => '');
    const mebibytes = (field) => Number(status.match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))?.[1]) / 1024;
    return { now: mebibytes('VmRSS'), highest: mebibytes('VmHWM') };
  }

  /** The code in the only letter to `email`. */
  async readCode(email) {
    const outbox = path.join(this.dataDir, 'outbox');
    for (let tries = 0; tries < 250; tries++) {
      for (const name of await readdir(outbox).catch(() => [])) {
        const letter = await readFile(path.join(outbox, name), 'utf8');
        const code = letter.match(/^(\d{3}) ?(\d{3})\s*$/m) ?? letter.match(/(?<!\d)(\d{3})[ \u00a0](\d{3})(?!\d)/);
        if (letter.includes(email) && code) return code[1] + code[2];
      }
      await new Promise((wake) => setTimeout(wake, 20));
    }
    throw new Error(`no letter to ${email} in ${outbox}`);
  }

  /** The environment without your own settings for Snug, which must not change what is measured. */
  get environment() {
    const foreign = Object.entries(process.env).filter(([name]) => !/^(SNUG|LEPTOS)_/.test(name));
    return {
      ...Object.fromEntries(foreign),
      LEPTOS_SITE_ADDR: `127.0.0.1:${this.port}`,
      SNUG_PUBLIC_URL: this.url,
      SNUG_DATA_DIR: this.dataDir,
      SNUG_LIMITS_ENFORCED: 'false',
      SNUG_MAIL_BACKEND: 'outbox',
      SNUG_VOICE_UDP_PORT: '0',
      ...this.settings,
    };
  }
}

function healthy({ port, isSecure }) {
  return new Promise((resolve) => {
    const { get } = isSecure ? https : http;
    const options = { host: '127.0.0.1', port, path: '/healthz', agent: false, timeout: 1_000, rejectUnauthorized: false };
    const request = get({ ...options, headers: { host: `localhost:${port}` } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode === 200));
    });
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false));
  });
}

export async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}
