/** The chunks of the program: which files a page loads, and pages whose files are not there. */
import type { Page } from '@playwright/test';

/** The address of a page's own file, whatever its hash is. */
export function chunkFile(chunk: string): string {
  return `**/pkg/snug_${chunk}.*.wasm`;
}

/** Collects the names of the WebAssembly files that the page asks for, without their hashes. */
export function watchWasm(page: Page): string[] {
  const files: string[] = [];
  page.on('request', (request) => files.push(...wasmNames(request.url())));
  return files;
}

/** The names of the files that the page loads ahead for the page that people open next. */
export async function namesOfNext(page: Page): Promise<string[]> {
  return wasmNames((await page.locator('script[data-wasm]').getAttribute('data-next')) ?? '');
}

function wasmNames(addresses: string): string[] {
  return [...addresses.matchAll(/\/pkg\/(\w+)\.\w+\.wasm/g)].map(([, name]) => name);
}

/** Waits until the page has begun to load what people need next, or has decided not to. */
export async function hasLookedAhead(page: Page): Promise<void> {
  // Idle callbacks run in the order of their requests.
  await page.evaluate(() => new Promise<void>((done) => requestIdleCallback(() => setTimeout(done, 0))));
}

const OLD_HASH = '0'.repeat(16);

/** The next document is one of an older build: the browser still has its script and its base, but its chunks are gone from the server. */
export async function openOldBuild(page: Page): Promise<void> {
  // Chromium takes a document that Playwright has answered for one of the internet, which may not connect to this machine.
  await page.context().grantPermissions(['local-network-access']);
  let hash = '';
  await page.route(
    () => !hash,
    async (route) => {
      if (route.request().resourceType() !== 'document') return route.fallback();
      const response = await route.fetch();
      const body = await response.text();
      hash = /\/pkg\/snug\.(\w+)\.js/.exec(body)![1];
      await route.fulfill({ response, body: body.replaceAll(hash, OLD_HASH) });
    },
  );
  await page.route(`**/pkg/snug.${OLD_HASH}.*`, async (route) => {
    const response = await route.fetch({ url: route.request().url().replace(OLD_HASH, hash) });
    if (!route.request().url().endsWith('.js')) return route.fulfill({ response });
    await route.fulfill({ response, body: (await response.text()).replaceAll(hash, OLD_HASH) });
  });
}
