/** Finds names and topics that are drawn outside their boxes, by comparing screenshots with and without these texts. */
import type { Page } from '@playwright/test';

/** Texts that contain this mark (a zigzag above a letter) are names and topics, and are measured. */
export const MARK = '\u035B';

/** A box with text in it, in pixels of the window. Boxes that are side by side are usually in different groups. */
interface Box {
  group: 0 | 1;
  name: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * The boxes whose text is drawn outside of them. Each text gets shadows on all four sides, which are clipped like letters. So the result does
 * not depend on how high and how wide the letters of the installed fonts are.
 *
 * With `clipped: false`, no box clips its text, to show that this function finds such boxes.
 */
export async function findInkOutside(page: Page, { clipped = true } = {}): Promise<string[]> {
  await page.evaluate(stopMoving);
  const boxes = await page.evaluate(markBoxes, { mark: MARK, clipped });
  const shots: string[] = [];
  // The last screenshot shows what has changed meanwhile for another reason.
  for (const hidden of ['', '0', '1', '']) {
    await page.evaluate((hidden) => (document.documentElement.dataset.inkHidden = hidden), hidden);
    shots.push((await page.screenshot({ animations: 'disabled', scale: 'css' })).toString('base64'));
  }
  return page.evaluate(compare, { boxes, shots });
}

/** Runs in the page: waits until no sheet moves any more, so that the boxes are where the screenshots show them. */
async function stopMoving(): Promise<void> {
  const ends = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
  await Promise.allSettled(ends.map(({ finished }) => finished));
}

/** Runs in the page: finds the boxes, and adds the styles that show shadows and hide texts. */
function markBoxes({ mark, clipped }: { mark: string; clipped: boolean }): Box[] {
  const found = new Set<Element>();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    let box = texts.currentNode.parentElement;
    if (!box || !texts.currentNode.textContent?.includes(mark) || box.closest('script, style')) continue;
    while (box.parentElement && ['inline', 'contents'].includes(getComputedStyle(box).display)) box = box.parentElement;
    if (box.checkVisibility()) found.add(box);
  }
  const place = (box: Element) => box.getBoundingClientRect();
  const sorted = [...found].sort((a, b) => place(a).top - place(b).top || place(a).left - place(b).left);
  for (const old of document.querySelectorAll('[data-ink]')) old.removeAttribute('data-ink');
  sorted.forEach((box, index) => box.setAttribute('data-ink', String(index % 2)));

  const style = new CSSStyleSheet();
  const shadow = ['0 -2em', '0 2em', '-2em 0', '2em 0'].map((side) => `${side} red`).join(', ');
  const hidden = [0, 1].map((group) => `:root[data-ink-hidden="${group}"] :is([data-ink="${group}"], [data-ink="${group}"] *)`);
  style.replaceSync(`
    :is([data-ink], [data-ink] *) { text-shadow: ${shadow} !important; transition: none !important }
    ${hidden.join(', ')} { color: transparent !important; text-shadow: none !important }
    ${clipped ? '' : '[data-ink] { overflow: visible !important }'}
  `);
  document.adoptedStyleSheets = [style];

  return sorted.map((box, index) => {
    const { left, top, right, bottom } = place(box);
    // The clip margin of `style/base.css`, and a pixel for rounding.
    const margin = 0.15 * parseFloat(getComputedStyle(box).fontSize) + 1;
    const name = `${box.tagName.toLowerCase()}.${box.className} in ${box.parentElement?.className}: ${box.textContent?.slice(0, 24)}`;
    return {
      group: (index % 2) as 0 | 1,
      name,
      left: Math.floor(left - margin),
      top: Math.floor(top - margin),
      right: Math.ceil(right + margin),
      bottom: Math.ceil(bottom + margin),
    };
  });
}

/** Runs in the page: looks for pixels that change outside the boxes of a group when the texts of the group are hidden. */
async function compare({ boxes, shots }: { boxes: Box[]; shots: string[] }): Promise<string[]> {
  const decode = async (shot: string) => {
    const bytes = Uint8Array.from(atob(shot), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const paint = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
    paint.drawImage(image, 0, 0);
    return paint.getImageData(0, 0, image.width, image.height);
  };
  const [shown, ...others] = await Promise.all(shots.map(decode));
  const { width, height, data } = shown;
  const differs = (other: ImageData, at: number) =>
    [0, 1, 2].some((part) => Math.abs(data[4 * at + part] - other.data[4 * at + part]) > 24);
  const guilty = new Set<string>();
  for (const group of [0, 1]) {
    const own = boxes.filter((box) => box.group === group);
    const inside = new Uint8Array(width * height);
    for (const box of own) {
      const [left, right] = [Math.max(0, box.left), Math.min(width, box.right)];
      for (let y = Math.max(0, box.top); y < Math.min(height, box.bottom); y++) {
        if (right > left) inside.fill(1, y * width + left, y * width + right);
      }
    }
    for (let at = 0; at < width * height; at++) {
      if (inside[at] || !differs(others[group], at) || differs(others[2], at)) continue;
      const [x, y] = [at % width, Math.floor(at / width)];
      const distance = (box: Box) =>
        Math.max(box.left - x, x - box.right, 0) + Math.max(box.top - y, y - box.bottom, 0);
      guilty.add(own.reduce((a, b) => (distance(b) < distance(a) ? b : a)).name);
    }
  }
  return [...guilty];
}
