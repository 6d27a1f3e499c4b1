/** The letters that Snug has written to `outbox/`. Each letter is read only once, and the newest first. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseLetter, type Letter } from './letter';

const DELIVERY_LIMIT_MS = 5_000;

export class Outbox {
  private readonly opened = new Set<string>();

  constructor(private readonly folder: string) {}

  /** Waits for an unread letter to `email` and returns the code of the newest one. */
  async readCode(email: string): Promise<string> {
    const letter = await this.read(email);
    if (!letter.code) throw new Error(`no six digits in the letter to ${email}:\n${letter.text}`);
    return letter.code;
  }

  async read(email: string): Promise<Letter> {
    const deadline = Date.now() + DELIVERY_LIMIT_MS;
    while (Date.now() < deadline) {
      const letter = await this.newest(email);
      if (letter) return letter;
      await new Promise((wake) => setTimeout(wake, 20));
    }
    throw new Error(`no new letter to ${email} in ${this.folder}`);
  }

  private async newest(email: string): Promise<Letter | undefined> {
    const found: { letter: Letter; writtenNs: bigint }[] = [];
    for (const name of await this.unopened()) {
      const file = path.join(this.folder, name);
      const letter = parseLetter(await readFile(file, 'utf8'));
      if (letter.to !== email.toLowerCase()) continue;
      // Older letters to the same person count as read too, because the newer code has replaced theirs.
      this.opened.add(name);
      found.push({ letter, writtenNs: (await stat(file, { bigint: true })).mtimeNs });
    }
    return found.sort((a, b) => (a.writtenNs < b.writtenNs ? 1 : -1))[0]?.letter;
  }

  private async unopened(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => name.endsWith('.eml') && !this.opened.has(name));
  }
}
