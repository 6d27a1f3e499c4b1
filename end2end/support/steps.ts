/** Counts the steps of a person: each deliberate press, each text that they type, and each look into their mail. */
import { expect, type Locator } from '@playwright/test';
import { tonesHeard } from './sound';
import type { Visitor } from './visitor';

export class Steps {
  private count = 0;

  async press(control: Locator): Promise<void> {
    this.count += 1;
    await control.click();
  }

  async type(field: Locator, text: string): Promise<void> {
    this.count += 1;
    await field.fill(text);
  }

  readCode(person: Visitor, email: string): Promise<string> {
    this.count += 1;
    return person.readCode(email);
  }

  /** The number of steps since the last call, or since the start. */
  take(): number {
    const { count } = this;
    this.count = 0;
    return count;
  }
}

/** Waits until the page plays somebody's voice. */
export async function hearsSomebody(listener: Visitor): Promise<void> {
  await expect.poll(async () => (await tonesHeard(listener.page)).length, { timeout: 15_000 }).toBeGreaterThan(0);
}
