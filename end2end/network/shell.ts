/** Runs the commands of the lab: `ip`, `nft` and others. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Runs lines of bash, and stops at the first that fails. Returns what they print. */
export async function sh(lines: string): Promise<string> {
  const { stdout } = await exec('bash', ['-ec', lines]);
  return stdout;
}

/** A program that runs beside the tests, such as a proxy. */
export class Daemon {
  log = '';
  private readonly child: ChildProcess;

  constructor(command: string[], environment: NodeJS.ProcessEnv = {}) {
    const [program, ...rest] = command;
    this.child = spawn(program, rest, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer) => (this.log += chunk.toString());
    this.child.stdout!.on('data', keep);
    this.child.stderr!.on('data', keep);
    this.child.on('error', (reason) => (this.log += `${program}: ${reason.message}\n`));
  }

  async stop(): Promise<void> {
    if (!this.child.pid || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}

/** Waits until `check` is true. */
export async function until(check: () => Promise<boolean> | boolean, what: string, limitMs = 10_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await sleep(50);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
