/** A person whose browser runs on a machine of the lab, and what they hear and read. */
import { expect, type BrowserContext, type Page } from '@playwright/test';
import { keepConnections } from '../support/sound';
import { Troubles } from '../support/troubles';
import { Visitor } from '../support/visitor';
import type { Server } from '../support/server';
import type { Machine } from './machine';
import { statesOf, wayOf } from './packets';
import { readNotes, takeNotes, type Notes, type Sentence, type Span } from './recorder';
import { until } from './shell';

/** The test tone pauses for 0.2 s, and the end of a burst is too quiet to count. A longer silence is a gap. */
export const PAUSE_MS = 320;
/** Shorter sounds are clicks. */
const SOUND_MS = 40;
const REPORTED_MS = 40_000;

export class Person extends Visitor {
  private constructor(
    context: BrowserContext,
    page: Page,
    server: Server,
    troubles: Troubles,
    readonly machine: Machine,
    readonly name: string,
  ) {
    super(context, page, server, troubles, true);
  }

  static async arriveFrom(machine: Machine, name: string, context: BrowserContext, server: Server): Promise<Person> {
    const troubles = await Troubles.watch(context);
    const page = await context.newPage();
    await keepConnections(page);
    await takeNotes(page);
    const person = new Person(context, page, server, troubles, machine, name);
    await person.arrive(name);
    return person;
  }

  /** The page's clock. */
  now(): Promise<number> {
    return this.page.evaluate(() => performance.timeOrigin + performance.now());
  }

  notes(since = 0): Promise<Notes> {
    return readNotes(this.page, since);
  }

  /** Presses a button, and returns when. */
  async press(name: string): Promise<number> {
    await expect(this.page.getByRole('button', { name, exact: true })).toBeEnabled();
    return this.page.evaluate((name) => {
      const button = [...document.querySelectorAll('button')].find((one) => one.textContent?.trim() === name || one.ariaLabel === name);
      if (!button) throw new Error(`no button ${name}`);
      button.click();
      return performance.timeOrigin + performance.now();
    }, name);
  }

  /** How many milliseconds after `since` this page first played sound. Infinity if it played none within the limit. */
  async firstSound(since: number, limitMs: number): Promise<number> {
    let first = Infinity;
    const heard = async () => {
      const { sound, now } = await this.notes(since);
      const real = sound.find((span) => span.to - Math.max(span.from, since) >= SOUND_MS);
      if (real) first = Math.max(0, real.from - since);
      return first < Infinity || now > since + limitMs;
    };
    await until(heard, 'sound', limitMs + 5_000);
    return first;
  }

  /** Waits until this page has played sound for a second without a gap, but not longer than the limit. Returns whether it has. */
  async hearsSteadily(limitMs: number): Promise<boolean> {
    const STEADY_MS = 1_000;
    const since = await this.now();
    let steady = false;
    const heard = async () => {
      const { sound, now } = await this.notes(since);
      const last = { from: now, to: now };
      const gaps = gapsBetween([...sound, last], Math.max(since, now - STEADY_MS), now);
      steady = now - since >= STEADY_MS && Math.max(...gaps) < PAUSE_MS;
      return steady || now > since + limitMs;
    };
    await until(heard, 'steady sound', limitMs + 5_000);
    return steady;
  }

  /** How many milliseconds after `since` the page began to play sound without a gap until now. Infinity if it plays none now. */
  async firstSteadySound(since: number): Promise<number> {
    const { sound, now } = await this.notes(since);
    let from = Infinity;
    let next = now;
    for (const span of sound.reverse()) {
      if (next - span.to > PAUSE_MS) break;
      [from, next] = [span.from, span.from];
    }
    return Math.max(0, from - since);
  }

  /** How many milliseconds after `since` the page next asked for a socket of a room. Infinity if it did not within the limit. */
  async nextSocket(since: number, limitMs: number): Promise<number> {
    let next = Infinity;
    const asked = async () => {
      const { sockets, now } = await this.notes(since);
      next = (sockets[0] ?? Infinity) - since;
      return next < Infinity || now > since + limitMs;
    };
    await until(asked, 'a socket', limitMs + 5_000);
    return next;
  }

  /** The longest silence that ended or would have ended after `since`, in milliseconds. It may have begun before. */
  async longestSilence(since: number): Promise<number> {
    const { sound, now } = await this.notes(since - 2_000);
    const before = sound.filter((span) => span.to <= since).at(-1)?.to ?? since;
    return Math.max(...gapsBetween([...sound, { from: now, to: now }], before, now));
  }

  /** How many milliseconds after `since` the page first said this. Infinity if it did not within the limit. */
  async firstSaid(words: RegExp, since: number, limitMs: number): Promise<number> {
    let first = Infinity;
    const said = async () => {
      const { sentences, now } = await this.notes(since);
      const sentence = sentences.find((one) => words.test(one.words));
      if (sentence) first = Math.max(0, sentence.from - since);
      return first < Infinity || now > since + limitMs;
    };
    await until(said, String(words), limitMs + 5_000);
    return first;
  }

  /** What the page has said since then, oldest first. */
  async said(words: RegExp, since: number): Promise<Sentence[]> {
    return (await this.notes(since)).sentences.filter((one) => words.test(one.words));
  }

  /** What the page has noted lately, and its connections: for somebody who wonders why a test has failed. */
  async report(): Promise<string> {
    const notes = await this.notes((await this.now()) - REPORTED_MS);
    const connections = await statesOf(this.page);
    return JSON.stringify({ ...notes, connections, way: await wayOf(this.page).catch(String), troubles: this.troubles.list });
  }

  /** The page looks as if it was in the background: a phone in a pocket. */
  async hide(): Promise<void> {
    await this.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
  }
}

/** The silences between sounds that overlap the time from `from` to `to`. */
function gapsBetween(sound: Span[], from: number, to: number): number[] {
  let end = from;
  const gaps = [0];
  for (const span of sound) {
    if (span.to < from) continue;
    gaps.push(Math.min(span.from, to) - end);
    end = Math.max(end, span.to);
  }
  return gaps;
}
