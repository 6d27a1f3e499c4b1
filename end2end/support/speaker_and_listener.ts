/** Two people in tests of voices: Ada, whose microphone plays a tone, and Ben, who hears it. */
import type { Someone, StartBrowser } from './fixtures';
import { hears } from './hearing';
import type { Visitor } from './visitor';

/** The tone in Hz. */
export const TONE = 440;

/** A person whose microphone plays the tone. */
export async function arriveAsSpeaker(someone: Someone, startBrowser: StartBrowser, name: string): Promise<Visitor> {
  return (await someone({ in: await startBrowser({ tone: TONE }) })).arrive(name);
}

/** Ada and Ben, who are not in a room yet. */
export async function speakerAndListener(someone: Someone, startBrowser: StartBrowser): Promise<[ada: Visitor, ben: Visitor]> {
  const ada = await arriveAsSpeaker(someone, startBrowser, 'Ada');
  return [ada, await (await someone()).arrive('Ben')];
}

/** Inside a room: `speaker` unmutes, and `listener` hears the tone. */
export async function speaksTo(speaker: Visitor, listener: Visitor): Promise<void> {
  await speaker.unmute();
  await hears(listener, [TONE]);
}
