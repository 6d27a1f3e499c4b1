/** A scene: a page in a state worth looking at, and the steps that lead to it. */
import type { Someone } from './fixtures';
import type { Server } from './server';
import type { Visitor } from './visitor';

export interface Stage {
  /** A server that nobody else visits. */
  server: Server;
  someone: () => Promise<Visitor>;
}

export interface Scene {
  /** Also the name of the scene's golden file and screenshots. */
  name: string;
  /** Sets the scene up and returns the person who sees it. */
  show: (stage: Stage) => Promise<Visitor>;
}

export function stageOn(server: Server, someone: Someone): Stage {
  return { server, someone: () => someone({ on: server, reducedMotion: 'reduce' }) };
}
