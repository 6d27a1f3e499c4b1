/** Sound: tones that a fake microphone plays, and measurements of what a page hears. */
import type { Page } from '@playwright/test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const RATE = 48_000;
const SECONDS = 4;

/** Makes a WAV file of one tone with short pauses, like speech, because noise suppression would remove a tone without pauses. */
export function toneFile(hertz: number): string {
  const samples = new Int16Array(RATE * SECONDS);
  for (let at = 0; at < samples.length; at++) {
    const second = at / RATE;
    // The tone sounds for 0.2 s, getting louder and then quieter, and then pauses for 0.2 s.
    const envelope = Math.max(0, Math.sin(2 * Math.PI * 2.5 * second)) ** 0.5;
    samples[at] = Math.round(0.5 * 32_767 * envelope * Math.sin(2 * Math.PI * hertz * second));
  }
  const data = Buffer.from(samples.buffer);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'snug-tone-')), `${hertz}.wav`);
  writeFileSync(file, Buffer.concat([head, data]));
  return file;
}

/** From the next page that it opens, the browser refuses the microphone, as after a press on "Block". */
export async function refuseMicrophone(page: Page): Promise<void> {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  });
}

/** Keeps the page's peer connections in a variable, so that a test can read their statistics. Call it before the page opens. */
export async function keepConnections(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const kept: RTCPeerConnection[] = [];
    const Original = window.RTCPeerConnection;
    window.RTCPeerConnection = new Proxy(Original, {
      construct: (target, given) => {
        const made = new target(...(given as []));
        kept.push(made);
        return made;
      },
    });
    Object.assign(window, { connectionsOfTest: kept });
  });
}

/** Listens for `forMs` and returns the strongest tone of each audio element that plays sound, in hertz, lowest first. */
export async function tonesHeard(page: Page, forMs = 700): Promise<number[]> {
  return page.evaluate(async (forMs) => {
    const context = new AudioContext();
    const analysers = [...document.querySelectorAll('audio')].map((sound) => {
      const analyser = context.createAnalyser();
      analyser.fftSize = 8192;
      analyser.smoothingTimeConstant = 0;
      context.createMediaStreamSource(sound.srcObject as MediaStream).connect(analyser);
      return { analyser, peaks: new Float32Array(analyser.frequencyBinCount).fill(-200) };
    });
    const end = performance.now() + forMs;
    while (performance.now() < end) {
      for (const { analyser, peaks } of analysers) {
        const now = new Float32Array(peaks.length);
        analyser.getFloatFrequencyData(now);
        now.forEach((level, bin) => (peaks[bin] = Math.max(peaks[bin], level)));
      }
      await new Promise((wake) => setTimeout(wake, 20));
    }
    const hertzPerBin = context.sampleRate / 8192;
    await context.close();
    return analysers
      .map(({ peaks }) => {
        const loudest = peaks.reduce((best, level, bin) => (level > peaks[best] ? bin : best), 0);
        return peaks[loudest] > -70 ? loudest * hertzPerBin : 0;
      })
      .filter((hertz) => hertz > 0)
      .sort((one, other) => one - other);
  }, forMs);
}

/** From now on, keeps track of the last time at which the page heard anything (Unix milliseconds, by the page's clock). */
export async function noteSound(page: Page): Promise<void> {
  await page.evaluate(() => {
    const context = new AudioContext();
    const state = { lastHeardAt: 0, context };
    Object.assign(window, { soundOfTest: state });
    for (const sound of document.querySelectorAll('audio')) {
      const analyser = context.createAnalyser();
      analyser.fftSize = 512;
      context.createMediaStreamSource(sound.srcObject as MediaStream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
        if (Math.sqrt(power) > 0.003) state.lastHeardAt = Date.now();
      }, 5);
    }
  });
}

/** When the page last heard anything. */
export function lastHeardAt(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { soundOfTest: { lastHeardAt: number } }).soundOfTest.lastHeardAt);
}

/** The share (0 to 1) of the sound played during `overMs` that the browser made up because packets did not arrive. */
export async function concealedShare(page: Page, overMs: number): Promise<number> {
  return page.evaluate(async (overMs) => {
    const kept = (window as unknown as { connectionsOfTest: RTCPeerConnection[] }).connectionsOfTest;
    const sums = async () => {
      let [concealed, total] = [0, 0];
      for (const report of (await kept.at(-1)!.getStats()).values()) {
        if (report.type !== 'inbound-rtp') continue;
        // Don't count sound that was made up while the speaker was silent, because no sound was missing then.
        concealed += report.concealedSamples - report.silentConcealedSamples;
        total += report.totalSamplesReceived;
      }
      return { concealed, total };
    };
    const before = await sums();
    await new Promise((wake) => setTimeout(wake, overMs));
    const after = await sums();
    return (after.concealed - before.concealed) / Math.max(1, after.total - before.total);
  }, overMs);
}
