/** Brings drawn faces into one notation, so that a face from the server can be compared with one from the browser. */
import type { Locator, Page } from '@playwright/test';

/** The first drawing in `markup`: every element, with its attributes sorted by name. Differences in notation are removed. */
export function drawingIn(page: Page, markup: string): Promise<string> {
  return page.evaluate((markup) => {
    const write = (node: Node): string => {
      if (!(node instanceof Element)) return node instanceof Text ? (node.textContent ?? '').trim() : '';
      const attributes = [...node.attributes].map(({ name, value }) => ` ${name}="${value}"`).sort();
      return `<${node.localName}${attributes.join('')}>${[...node.childNodes].map(write).join('')}</${node.localName}>`;
    };
    const read = new DOMParser().parseFromString(markup, 'text/html');
    const found = read.querySelector('main .face svg') ?? read.querySelector('svg');
    if (!found) throw new Error(`no drawing in ${markup}`);
    return write(found);
  }, markup);
}

/** The face at `place` in the page. */
export async function drawingAt(place: Locator): Promise<string> {
  return drawingIn(place.page(), await place.locator('svg').evaluate((svg) => svg.outerHTML));
}

/** The face that the server sends at `address`, which is a drawing or a page. Of a page, the result is the first face in its content. */
export async function drawingFrom(page: Page, address: string): Promise<string> {
  const answer = await page.context().request.get(address, { maxRedirects: 0 });
  return drawingIn(page, await answer.text());
}
