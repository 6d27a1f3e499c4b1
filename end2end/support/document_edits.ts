/** What others do to our documents: translators, extensions, and networks that make pages smaller. */
import type { Page } from '@playwright/test';

/** Replaces each text by two `<font>` elements with the same words, as the translators of browsers do. */
export function translate(): void {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  for (const text of texts) {
    if (!text.data.trim() || text.parentElement?.closest('script, noscript, style, font')) continue;
    const outer = document.createElement('font');
    const inner = document.createElement('font');
    inner.textContent = text.data;
    outer.append(inner);
    text.replaceWith(outer);
  }
}

/** Adds attributes to the document, and elements to the body, as extensions do. */
export function decorate(): void {
  document.documentElement.setAttribute('data-extension', 'on');
  document.body.setAttribute('data-extension', 'on');
  document.body.prepend(document.createElement('extension-bar'));
  document.body.append(document.createElement('extension-menu'));
}

/** Adds an element to each form, as extensions for writing and for passwords do. */
export function fillForms(): void {
  for (const form of document.querySelectorAll('form')) form.prepend(document.createElement('extension-button'));
}

/** Calls `edit` on each page as soon as it is parsed, before the program starts. */
export async function whenParsed(page: Page, edit: () => void): Promise<void> {
  await page.addInitScript(`document.addEventListener('DOMContentLoaded', () => (${edit.toString()})())`);
}

/** Removes all comments from pages, and unneeded spaces, as some networks do. */
export async function removeComments(page: Page): Promise<void> {
  // Chromium takes a document that Playwright has answered for one of the internet, which may not connect to this machine.
  await page.context().grantPermissions(['local-network-access']);
  await page.route(
    () => true,
    async (route) => {
      if (route.request().resourceType() !== 'document') return route.fallback();
      const response = await route.fetch();
      const body = (await response.text()).replace(/<!--.*?-->|<!>/gs, '').replace(/> +</g, '><');
      await route.fulfill({ response, body });
    },
  );
}

/** Holds back the WebAssembly program of each page until `release` is called. */
export async function holdProgram(page: Page): Promise<{ release: () => void }> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    // The page that asked may be gone.
    await route.continue().catch(() => {});
  });
  return { release };
}
