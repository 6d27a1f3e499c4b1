/** Makes a room's page show more people than a test could sign in, by changing the signals that its socket receives. */
import type { Page, WebSocketRoute } from '@playwright/test';

const NAMES = ['Luis', 'Kaya', 'Otto', 'Jo', 'Ravi', 'Sefa', 'Tom', 'Mina', 'Ben', 'Ada', 'Noor', 'Wren'];

/** What a test says about a person. Everything else is as for somebody who has just come in. */
export interface Extra {
  name?: string;
  role?: 'listener' | 'speaker';
  guest?: boolean;
  muted?: boolean;
  away?: boolean;
  hold?: 'by_host' | null;
  hand?: number | null;
  hand_since_s?: number | null;
}

/** People whom only this page sees. The server does not know them, so hosts can't do anything to them. */
export class ManyPeople {
  private readonly inside = new Map<string, object>();
  private count = 0;
  private socket?: WebSocketRoute;
  private server?: WebSocketRoute;
  private isLost = false;

  /** For the next room that `page` opens. */
  static async on(page: Page): Promise<ManyPeople> {
    const people = new ManyPeople();
    await page.routeWebSocket(/\/ws\/rooms\/./, (socket) => people.watch(socket));
    return people;
  }

  /** These people come in together. Returns their ids. */
  come(extras: Extra[]): string[] {
    const joined = extras.map((extra) => this.made(extra));
    for (const person of joined) this.inside.set(person.id, person);
    this.tell({ joined });
    return joined.map(({ id }) => id);
  }

  /** Something about this person changes. */
  change(id: string, change: Extra): void {
    const changed = { ...this.inside.get(id), ...change };
    this.inside.set(id, changed);
    this.tell({ changed: [changed] });
  }

  leave(ids: string[]): void {
    for (const id of ids) this.inside.delete(id);
    this.tell({ left: ids });
  }

  /** From now on, these people speak, and nobody else. Only a page that looks in is told so by the server; inside, the voices tell it. */
  speak(ids: string[]): void {
    this.socket?.send(JSON.stringify({ type: 'speaking', who: ids }));
  }

  /** The page loses its connection, and each new one hangs. */
  async loseConnection(): Promise<void> {
    this.isLost = true;
    await this.socket?.close();
    await this.server?.close();
  }

  private async watch(socket: WebSocketRoute): Promise<void> {
    // The browser waits until this ends before it opens the socket.
    if (this.isLost) return new Promise(() => {});
    this.socket = socket;
    const server = socket.connectToServer();
    this.server = server;
    socket.onMessage((message) => server.send(message));
    server.onMessage((message) => {
      const signal = JSON.parse(message as string);
      if (signal.type === 'welcome') signal.room.roster.push(...this.inside.values());
      socket.send(JSON.stringify(signal));
    });
  }

  private tell(news: { joined?: object[]; left?: string[]; changed?: object[] }): void {
    this.socket?.send(JSON.stringify({ type: 'roster', joined: [], left: [], changed: [], ...news }));
  }

  private made(extra: Extra) {
    const at = this.count++;
    const name = extra.name ?? `${NAMES[at % NAMES.length]} ${Math.floor(at / NAMES.length) + 1}`;
    return {
      id: `extra-${String(at).padStart(6, '0')}`,
      name,
      picture: `/faces/${encodeURIComponent(name)}.svg`,
      role: 'speaker',
      hand: null,
      invited: false,
      hold: null,
      away: false,
      muted: true,
      voice: 1_000 + at,
      ...extra,
    };
  }
}

/** Makes rooms seem to have `many` more people in this role, from the next page that `page` opens. */
export async function showManyPeople(page: Page, many: number, role: 'listener' | 'speaker'): Promise<void> {
  (await ManyPeople.on(page)).come(Array.from({ length: many }, () => ({ role })));
}
