/** The processes of a browser that a test has started: all of them can be stopped for a while, or killed. */
import { spawn } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';

/** The first process of the browser whose command line has this word. It leads the group that Playwright put all processes of the browser in. */
export async function browserPid(word: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const isFirst = !words.some((word) => word.startsWith('--type='));
    const isOurs = words.includes(word) && isFirst;
    const group = isOurs && (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ')[2];
    if (group === pid) return Number(pid);
  }
  throw new Error(`no browser runs with ${word}`);
}

/** Stops a browser until `meanwhile` is over, as when its device sleeps: no timer fires, and nothing is read, sent or answered. Do not ask its pages anything in that time. */
export async function whileAsleep(pid: number, meanwhile: () => Promise<void>): Promise<void> {
  // If the runner of the tests is killed meanwhile, nobody else wakes the browser, and a stopped one never ends.
  const waker = spawn('sh', ['-c', `sleep 60; kill -s CONT -- -${pid}`], { detached: true, stdio: 'ignore' });
  waker.unref();
  process.kill(-pid, 'SIGSTOP');
  try {
    await meanwhile();
  } finally {
    process.kill(-pid, 'SIGCONT');
    if (waker.pid && waker.exitCode === null) process.kill(-waker.pid);
  }
}
