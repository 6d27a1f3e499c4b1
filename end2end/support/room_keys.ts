/** The keys of somebody who uses a room without a mouse. */
import { expect, type Locator } from '@playwright/test';
import { pressUntil, startAtTheTop, tabTo } from './keyboard';
import type { Visitor } from './visitor';
import { beginningWith } from './words';

export class RoomKeys {
  constructor(private readonly visitor: Visitor) {}

  /** The button with a person's face and name. */
  face(name: string): Locator {
    return this.visitor.page.locator('button.who').and(this.visitor.page.getByRole('button', { name: beginningWith(name) }));
  }

  /** Goes to a control with Tab and presses it. */
  async press(control: Locator): Promise<void> {
    const { page } = this.visitor;
    await startAtTheTop(page);
    await tabTo(page, control);
    await page.keyboard.press('Enter');
  }

  /** Goes to a face: with Tab to the roster, and with arrow keys to the person. */
  async goToFace(name: string): Promise<void> {
    const { page } = this.visitor;
    await startAtTheTop(page);
    await tabTo(page, page.locator('button.who[tabindex="0"]').first());
    await page.keyboard.press('Home');
    await pressUntil(page, 'ArrowRight', this.face(name), 10);
  }

  /** Opens the sheet about a person, and chooses an item of its menu. */
  async choose(name: string, item: string): Promise<void> {
    const { page } = this.visitor;
    await this.goToFace(name);
    await page.keyboard.press('Enter');
    await expect(page.locator('#more-about:focus-within'), 'the focus is in the sheet').toBeVisible();
    await pressUntil(page, 'ArrowDown', this.visitor.menuItem(item), 12);
    await page.keyboard.press('Enter');
    await expect(page.locator('#more-about')).toBeHidden();
  }

  /** Opens a sheet with its button, does something in it, and closes it with Escape, which gives the focus back to the button. */
  async openAndClose(opener: Locator, sheet: Locator, inside = async (): Promise<void> => {}): Promise<void> {
    const { page } = this.visitor;
    await this.press(opener);
    await expect(sheet).toBeVisible();
    await inside();
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
    await expect(opener).toBeFocused();
  }
}
