/** An empty Debian on a machine of the lab: a folder that its programs take for `/`. systemd is installed in it and does not run. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { FOLDER } from '../network/certificate';
import type { Machine } from '../network/machine';
import { sh } from '../network/shell';

const exec = promisify(execFile);

/** What `scripts/test_dist.sh` has prepared: the empty root, and the files that a person downloads. */
const PREPARED = process.env.SNUG_DIST_DIR as string;
if (!PREPARED) throw new Error('these tests need an empty root: make test-dist');

const STAND_INS = path.join(__dirname, 'stand_ins');
/** The lab's authority, as a file in the root. */
export const AUTHORITY = '/etc/ssl/lab.pem';
/** The variables that `sudo` passes on. A person would need none of them: they name an authority that only the lab has. */
const PASSED_ON = 'SNUG_PUBLIC_ACME_URL SNUG_PUBLIC_ACME_CA';
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  TERM: 'dumb',
};
const STOP_LIMIT_MS = 15_000;

export class DebianRoot {
  private constructor(
    readonly machine: Machine,
    /** The path of the root outside. */
    readonly folder: string,
    private readonly variables: Record<string, string>,
  ) {}

  /** Makes a root with the downloads in the home folder of its user root. Every command has these variables. */
  static async make(machine: Machine, variables: Record<string, string> = {}): Promise<DebianRoot> {
    const folder = path.join(FOLDER, `root-${machine.name}`);
    await sh(`
      cp -a ${PREPARED}/root ${folder}
      mount -t proc proc ${folder}/proc
      mount --rbind /dev ${folder}/dev
      touch ${folder}/etc/hosts
      mount --bind /etc/hosts ${folder}/etc/hosts
      : > ${folder}/etc/resolv.conf
      install -m 644 ${FOLDER}/authority.pem ${folder}${AUTHORITY}
      install -m 755 ${STAND_INS}/* ${folder}/usr/local/bin/
      echo 'Defaults env_keep += "${PASSED_ON}"' > ${folder}/etc/sudoers.d/lab
      chmod 440 ${folder}/etc/sudoers.d/lab
      cp ${PREPARED}/downloads/* ${folder}/root/
    `);
    return new DebianRoot(machine, folder, variables);
  }

  /** The path outside of a file in the root. */
  outside(file: string): string {
    return path.join(this.folder, file);
  }

  /** Runs lines of bash as the user root, in its home folder, and stops at the first that fails. Returns all that they print. */
  async run(lines: string): Promise<string> {
    const [program, ...rest] = this.command(lines);
    const running = exec(program, rest, { env: this.environment });
    // A question has no answer, so its program fails, and does not wait.
    running.child.stdin?.end();
    const { stdout, stderr } = await running.catch((reason: { stdout: string; stderr: string }) => {
      throw new Error(`this failed in the root: ${lines}\n${reason.stdout}${reason.stderr}`);
    });
    return stdout + stderr;
  }

  /** Runs a command as `run` does, until somebody presses Ctrl-C. */
  start(command: string): Foreground {
    const [program, ...rest] = this.command(`exec ${command}`);
    // In a group of its own, so that Ctrl-C does not end the tests.
    return new Foreground(spawn(program, rest, { env: this.environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  private get environment(): Record<string, string> {
    return { ...ENVIRONMENT, ...this.variables };
  }

  private command(lines: string): string[] {
    return [...this.machine.enter, 'chroot', this.folder, 'bash', '-ec', `cd /root; ${lines}`];
  }
}

/** A program that runs in a terminal. */
export class Foreground {
  /** What it has printed. */
  log = '';

  constructor(private readonly child: ChildProcess) {
    const keep = (chunk: Buffer) => (this.log += chunk.toString());
    child.stdout!.on('data', keep);
    child.stderr!.on('data', keep);
    child.on('error', (reason) => (this.log += `${reason.message}\n`));
  }

  /** Presses Ctrl-C, and waits until the program has ended. */
  async stop(): Promise<void> {
    const { child } = this;
    if (!child.pid || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    process.kill(-child.pid, 'SIGINT');
    const late = new Promise<never>((_, refuse) => {
      setTimeout(() => refuse(new Error(`Ctrl-C did not end the program:\n${this.log}`)), STOP_LIMIT_MS).unref();
    });
    await Promise.race([gone, late]);
  }
}
