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
  const LISTEN_EVERY_MS = 10;
  const READ_EVERY_MS = 50;
  /** Shorter pauses are between two vibrations or two looks, and not in the sound. */
  const PAUSE_MS = 60;
  /** Louder than the comfort noise of a silent connection, quieter than the test tones. */
  const AUDIBLE = 0.003;
  const SPOKEN = '[role=status], [role=alert], .own-role, .notice, .banner';

  const now = () => performance.timeOrigin + performance.now();
  const sound: { from: number; to: number }[] = [];
  const sentences: { words: string; from: number; to: number }[] = [];
  const sockets: number[] = [];

  let context: AudioContext | undefined;
  const analysers = new Map<string, AnalyserNode>();
  const samples = new Float32Array(512);

  function isAudible(element: HTMLAudioElement): boolean {
    const stream = element.srcObject as MediaStream | null;
    const track = stream?.getAudioTracks()[0];
    if (!track || track.readyState !== 'live' || element.paused || element.muted || element.volume === 0) return false;
    context ??= new AudioContext();
    if (context.state === 'suspended') void context.resume();
    let analyser = analysers.get(track.id);
    if (!analyser) {
      analyser = new AnalyserNode(context, { fftSize: samples.length });
      context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      analysers.set(track.id, analyser);
    }
    analyser.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length) > AUDIBLE;
  }

  function listen(): void {
    if (![...document.querySelectorAll('audio')].map(isAudible).some(Boolean)) return;
    const at = now();
    const last = sound.at(-1);
    if (last && at - last.to < PAUSE_MS) last.to = at;
    else sound.push({ from: at, to: at });
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
