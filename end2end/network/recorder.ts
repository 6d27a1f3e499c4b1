/** Notes in a page, by its own clock, when it plays sound, what it says to the person, and when it opens sockets. */
import type { Page } from '@playwright/test';

/** A time in which something was so. Unix milliseconds, by a clock that never jumps. */
export interface Span {
  from: number;
  to: number;
}

export interface Sentence extends Span {
  words: string;
}

export interface Notes {
  now: number;
  sound: Span[];
  sentences: Sentence[];
  /** When the page asked for a WebSocket of a room. */
  sockets: number[];
}

/** Begins to take notes on every page that opens from now on. */
export async function takeNotes(page: Page): Promise<void> {
  await page.addInitScript(record);
}

/** The notes that were changed since `since`. */
export function readNotes(page: Page, since: number): Promise<Notes> {
  return page.evaluate((since) => (window as unknown as { notesOfTest: (since: number) => Notes }).notesOfTest(since), since);
}

/** Runs in the page. */
function record(): void {
  const LISTEN_EVERY_MS = 20;
  const READ_EVERY_MS = 50;
  /** Shorter pauses are between two vibrations or two looks, and not in the sound. */
  const PAUSE_MS = 60;
  /** Louder than the comfort noise of a silent connection, quieter than the test tones. */
  const AUDIBLE = 0.003;
  /** Sound is judged in pieces of this many samples, all that have come since the last look. So a page that is busy for up to a third of a
   *  second misses nothing, and the load of the machine makes no gaps. */
  const PIECE = 512;
  const KEPT = 32 * PIECE;
  const SPOKEN = '[role=status], [role=alert], .own-role, .notice, .banner';

  const now = () => performance.timeOrigin + performance.now();
  const sound: { from: number; to: number }[] = [];
  const sentences: { words: string; from: number; to: number }[] = [];
  const sockets: number[] = [];

  let context: AudioContext | undefined;
  /** Until when sound is judged, on the context's clock, in seconds. */
  let judged = 0;
  const ears = new Map<string, { analyser: AnalyserNode; samples: Float32Array<ArrayBuffer> }>();

  /** The last samples of what this element plays. */
  function samplesOf(element: HTMLAudioElement): Float32Array | undefined {
    const stream = element.srcObject as MediaStream | null;
    const track = stream?.getAudioTracks()[0];
    if (!track || track.readyState !== 'live' || element.paused || element.muted || element.volume === 0) return undefined;
    context ??= new AudioContext();
    if (context.state === 'suspended') void context.resume();
    let ear = ears.get(track.id);
    if (!ear) {
      ear = { analyser: new AnalyserNode(context, { fftSize: KEPT }), samples: new Float32Array(KEPT) };
      context.createMediaStreamSource(new MediaStream([track])).connect(ear.analyser);
      ears.set(track.id, ear);
    }
    ear.analyser.getFloatTimeDomainData(ear.samples);
    return ear.samples;
  }

  function isAudible(samples: Float32Array): boolean {
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length) > AUDIBLE;
  }

  function listen(): void {
    const playing = [...document.querySelectorAll('audio')].map(samplesOf).filter((samples) => samples !== undefined);
    if (!context) return;
    const [at, time, rate] = [now(), context.currentTime, context.sampleRate];
    const pieces = Math.min(Math.floor(((time - judged) * rate) / PIECE), KEPT / PIECE - 1);
    judged = Math.max(judged + (pieces * PIECE) / rate, time - PIECE / rate);
    const unjudged = Math.round((time - judged) * rate);
    for (let left = pieces; left > 0; left--) {
      const begin = KEPT - unjudged - left * PIECE;
      if (!playing.some((samples) => isAudible(samples.subarray(begin, begin + PIECE)))) continue;
      const from = at - ((unjudged + left * PIECE) / rate) * 1_000;
      const to = from + (PIECE / rate) * 1_000;
      const last = sound.at(-1);
      if (last && from - last.to < PAUSE_MS) last.to = Math.max(last.to, to);
      else sound.push({ from, to });
    }
  }

  function read(): void {
    const at = now();
    for (const element of document.querySelectorAll<HTMLElement>(SPOKEN)) {
      const words = element.checkVisibility({ checkVisibilityCSS: true }) ? element.innerText.trim() : '';
      if (!words) continue;
      const last = sentences.findLast((sentence) => sentence.words === words);
      if (last && at - last.to < 4 * READ_EVERY_MS) last.to = at;
      else sentences.push({ words, from: at, to: at });
    }
  }

  const Original = window.WebSocket;
  window.WebSocket = new Proxy(Original, {
    construct: (target, [url, ...rest]) => {
      if (/\/ws\/rooms\/./.test(String(url))) sockets.push(now());
      return new target(url as string, ...(rest as []));
    },
  });
  setInterval(listen, LISTEN_EVERY_MS);
  setInterval(read, READ_EVERY_MS);
  Object.assign(window, {
    notesOfTest: (since: number) => ({
      now: now(),
      sound: sound.filter((span) => span.to >= since),
      sentences: sentences.filter((sentence) => sentence.to >= since),
      sockets: sockets.filter((at) => at >= since),
    }),
  });
}
