/** A server's SQLite file, which tests read, change and lock with the `sqlite3` command. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Lock {
  /** For how long this lock has blocked other writers, in milliseconds. */
  readonly heldMs: number;
  release: () => Promise<void>;
}

export class Database {
  readonly file: string;
  private readonly locks: Lock[] = [];

  constructor(dataDir: string) {
    this.file = path.join(dataDir, 'snug.db');
  }

  /** The first column of the first row. */
  async ask(question: string): Promise<string> {
    const { stdout } = await run('sqlite3', ['-cmd', '.timeout 5000', this.file, question]);
    return stdout.trim();
  }

  /** Makes every session's last rotation look `seconds` older. */
  async ageSessions(seconds: number): Promise<void> {
    await this.ask(`update sessions set served_at = served_at - ${seconds}`);
  }

  /** Lets people look as if the server had seen them one after the other, in the order of their names: the first name last. Otherwise the
   *  second in which a scene reaches each of them would decide. */
  async orderByName(): Promise<void> {
    const before = 'select count(*) from users others, users own where own.id = sessions.user_id and others.name < own.name';
    await this.ask(`update sessions set last_seen_at = strftime('%s', 'now') - 20 * (${before})`);
  }

  /** Lets an invite link expire. `link` is its path. */
  async expireLink(link: string): Promise<void> {
    const id = link.slice('/invite/'.length).split('.')[0];
    await this.ask(`update invites set expires_at = 1 where id = '${id}'`);
  }

  /** Locks the database: nobody else can write until the lock is released. */
  async lock(): Promise<Lock> {
    const holder = spawn('sqlite3', ['-cmd', '.timeout 5000', this.file], { stdio: ['pipe', 'pipe', 'inherit'] });
    holder.stdin.write("begin exclusive;\nselect 'held';\n");
    const [told] = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
    if (!String(told).startsWith('held')) throw new Error(`${this.file} could not be locked: ${told}`);
    const since = performance.now();
    const lock = {
      get heldMs() {
        return performance.now() - since;
      },
      release: async () => {
        if (holder.exitCode !== null) return;
        holder.stdin.end('rollback;\n');
        await once(holder, 'exit');
      },
    };
    this.locks.push(lock);
    return lock;
  }

  /** Releases locks that a failed test still holds. */
  async releaseAll(): Promise<void> {
    await Promise.all(this.locks.map((lock) => lock.release()));
  }
}
