/** A room with people in it, for scenes that show such a room. */
import { expect } from './fixtures';
import type { Stage } from './scene';

/** The first of `names` opens the room, and the others enter it. Returns the room's path. */
export async function company({ someone }: Stage, topic: string, names: string[]): Promise<string> {
  const [first, ...rest] = names;
  const host = await (await someone()).arrive(first);
  const path = await host.openRoom(topic);
  await expect(host.participant(first)).toBeVisible();
  for (const name of rest) {
    const guest = await (await someone()).arrive(name);
    await guest.enter(path);
    await expect(guest.participant(name)).toBeVisible();
  }
  return path;
}
