/** A scene: a page in a state worth looking at, and what brings it about. */
import type { Someone } from './fixtures';
import type { Server } from './server';
import type { Visitor } from './visitor';

export interface Stage {
  /** A server that nobody else visits. */
  server: Server;
  someone: () => Promise<Visitor>;
}

export interface Scene {
  /** Golden files and screenshots are named after it. */
  name: string;
  /** Brings the scene about; answers whoever looks at it. */
  show: (stage: Stage) => Promise<Visitor>;
}

export function stageOn(server: Server, someone: Someone): Stage {
  return { server, someone: () => someone({ on: server, reducedMotion: 'reduce' }) };
}
