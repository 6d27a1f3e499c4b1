/** Checks what a person hears, and who is shown as speaking. */
import { expect } from '@playwright/test';
import { tonesHeard } from './sound';
import type { Visitor } from './visitor';

/** The tolerance in Hz: a bin of the spectrum is 6 Hz wide, and a test tone comes in short bursts, whose edges blur its peak. */
const NEAR_HERTZ = 25;

/** Waits until exactly these tones are heard, lowest first. */
export async function hears(listener: Visitor, tones: number[]): Promise<void> {
  const named = (heard: number): number => tones.find((tone) => Math.abs(tone - heard) < NEAR_HERTZ) ?? heard;
  await expect.poll(async () => (await tonesHeard(listener.page)).map(named), { timeout: 15_000 }).toEqual(tones);
}

export async function isSpeaking(listener: Visitor, name: string, speaks = true): Promise<void> {
  await expect(listener.participant(name)).toHaveAttribute('data-speaking', String(speaks), { timeout: 10_000 });
}
