/** A mail server that puts every letter into a folder, as Snug's own outbox does. Snug sends mail only to a server if its URL is public. */
import { createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PORT = 2525;

export class MailServer {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'snug-mail-'));
  private readonly server: Server = createServer((socket) => this.serve(socket));
  private letters = 0;

  constructor(private readonly address: string) {}

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject).listen(PORT, this.address, resolve);
    });
  }

  get url(): string {
    return `smtp://${this.address}:${PORT}`;
  }

  stop(): void {
    this.server.close();
  }

  /** The commands of SMTP (RFC 5321) that a client needs to hand over a letter. */
  private serve(socket: Socket): void {
    const say = (answer: string) => socket.write(`${answer}\r\n`);
    let [buffer, letter] = ['', undefined as string[] | undefined];
    const onLine = async (line: string): Promise<void> => {
      if (letter && line !== '.') return void letter.push(line.replace(/^\./, ''));
      if (letter) {
        await this.keep(letter);
        letter = undefined;
        say('250 kept');
        return;
      }
      const command = line.slice(0, 4).toUpperCase();
      if (command === 'DATA') {
        letter = [];
        say('354 go on');
      } else if (command === 'QUIT') {
        say('221 bye');
        socket.end();
      } else say('250 ok');
    };
    say('220 mail.lab.test');
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    let turn = Promise.resolve();
    socket.on('data', (chunk) => {
      const lines = (buffer + chunk).split('\r\n');
      buffer = lines.pop()!;
      for (const line of lines) turn = turn.then(() => onLine(line));
    });
  }

  /** A reader of the folder must never see half a letter. */
  private async keep(lines: string[]): Promise<void> {
    const file = path.join(this.folder, `${++this.letters}`);
    await writeFile(file, lines.join('\r\n'));
    await rename(file, `${file}.eml`);
  }
}
