/** A real server: its process, its port, its data folder, and its output. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Database } from './database';
import { Outbox } from './outbox';
import { freeTcpPort, freeUdpPort } from './ports';

const REPOSITORY = path.resolve(__dirname, '../..');
const BINARY = path.resolve(REPOSITORY, process.env.SNUG_BIN || 'target/release/snug');
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 10_000;
const COMMAND_LIMIT_MS = 30_000;

export type Settings = Record<`SNUG_${string}`, string>;

/** Where a server runs and how it is reached, if it is not on loopback beside the test. */
export interface Place {
  /** The command that starts a program there, such as `ip netns exec snug`. */
  enter: string[];
  /** The public URL. */
  url: string;
  /** The address and the port on which the program listens. */
  address: string;
  port: number;
  /** The folder to which its mail server delivers. */
  outbox: string;
  /** Whether the program accepts connections. */
  isUp: () => Promise<boolean>;
}

/** How a command of the program ended. */
export interface Outcome {
  /** The exit status; `null` if a signal ended it. */
  status: number | null;
  output: string;
  errors: string;
}

export class Server {
  /** What the program wrote to stdout and stderr since the first start. */
  log = '';
  readonly outbox: Outbox;
  readonly database: Database;
  private child?: ChildProcess;

  private constructor(
    readonly port: number,
    readonly dataDir: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly place?: Place,
  ) {
    this.outbox = new Outbox(place?.outbox ?? path.join(dataDir, 'outbox'));
    this.database = new Database(dataDir);
  }

  static async start(settings: Settings = {}, place?: Place): Promise<Server> {
    const port = place?.port ?? (await freeTcpPort());
    const dataDir = await mkdtemp(path.join(tmpdir(), 'snug-e2e-'));
    const environment = {
      ...withoutOurNames(process.env),
      LEPTOS_SITE_ADDR: `${place?.address ?? '127.0.0.1'}:${port}`,
      SNUG_PUBLIC_URL: place?.url ?? `http://localhost:${port}`,
      SNUG_DATA_DIR: dataDir,
      SNUG_LIMITS_ENFORCED: 'false',
      SNUG_MAIL_BACKEND: 'outbox',
      SNUG_VOICE_UDP_PORT: String(await freeUdpPort()),
      ...settings,
    };
    const server = new Server(port, dataDir, environment, place);
    await server.run().catch(async (reason) => {
      await server.stop();
      throw reason;
    });
    return server;
  }

  /** A server that the test starts and stops by other means. */
  static elsewhere(place: Place, dataDir: string): Server {
    return new Server(place.port, dataDir, {}, place);
  }

  /** The origin that browsers use: the public URL. Cookies of 127.0.0.1 are others. */
  get url(): string {
    return this.place?.url ?? `http://localhost:${this.port}`;
  }

  /** The one-use link that makes an account the owner. Only the first start prints it. */
  get ownerLink(): string {
    const link = plain(this.log).match(/http:\/\/localhost:\d+\/owner\/[^\s"'<>]+/)?.[0];
    if (!link) throw new Error(`no owner link was printed:\n${this.log}`);
    return link;
  }

  /** Ends the process, runs `meanwhile`, and starts the process again on the same port and data folder. SIGKILL ends the process without any cleanup. */
  async restart(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM', meanwhile = async () => {}): Promise<void> {
    await this.end(signal);
    await meanwhile();
    await this.run();
  }

  /** Runs a command of the program beside the server, with the server's settings and `changes` to them. `under` starts it, such as a
   *  command that takes rights away. */
  command(args: string[], changes: NodeJS.ProcessEnv = {}, under: string[] = []): Promise<Outcome> {
    return runProgram([...(this.place?.enter ?? []), ...under], args, { ...this.environment, ...changes }, this.dataDir);
  }

  async stop(): Promise<void> {
    await this.database.releaseAll();
    await this.end('SIGTERM');
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private async run(): Promise<void> {
    const [program, ...rest] = [...(this.place?.enter ?? []), BINARY];
    // The program has all that it needs, so it runs in a folder without our files.
    const child = spawn(program, rest, { cwd: this.dataDir, env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const keep = (chunk: Buffer) => (this.log += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (reason) => (this.log += `${BINARY}: ${reason.message}\n`));
    await this.ready(child);
  }

  private async ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_LIMIT_MS;
    while (Date.now() < deadline) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) break;
      if (await this.isUp()) return;
      await new Promise((wake) => setTimeout(wake, 50));
    }
    throw new Error(`${BINARY} did not become ready on port ${this.port}:\n${this.log}`);
  }

  private isUp(): Promise<boolean> {
    return this.place?.isUp() ?? answers(`http://127.0.0.1:${this.port}/healthz`);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    // A server that ignores SIGTERM has a defect, but its process must not stay behind.
    const stubborn = setTimeout(() => {
      this.log += `end2end: ${signal} ignored for ${STOP_LIMIT_MS} ms, killed\n`;
      child.kill('SIGKILL');
    }, STOP_LIMIT_MS);
    await gone;
    clearTimeout(stubborn);
  }
}

/** Runs the program until it ends. `enter` is the command that starts a program where it should run. */
async function runProgram(enter: string[], args: string[], environment: NodeJS.ProcessEnv, folder: string): Promise<Outcome> {
  const [program, ...rest] = [...enter, BINARY, ...args];
  const child = spawn(program, rest, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const outcome: Outcome = { status: null, output: '', errors: '' };
  child.stdout.on('data', (chunk: Buffer) => (outcome.output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (outcome.errors += chunk.toString()));
  const stuck = setTimeout(() => child.kill('SIGKILL'), COMMAND_LIMIT_MS);
  // `close` comes after the last output, and `exit` may come before it.
  [outcome.status] = await once(child, 'close');
  clearTimeout(stuck);
  return outcome;
}

/** The tester's own configuration must not reach the server under test. */
function withoutOurNames(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = Object.entries(environment).filter(([name]) => !/^(SNUG|LEPTOS)_/.test(name));
  return Object.fromEntries(foreign);
}

async function answers(address: string): Promise<boolean> {
  return fetch(address, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

function plain(printed: string): string {
  return printed.replace(/\x1b\[[0-9;]*m/g, '');
}
