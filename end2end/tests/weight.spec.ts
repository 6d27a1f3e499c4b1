/** The cost of pages: prints their requests and compressed bytes, and checks that static pages load no wasm. */
import type { Request } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import { stageOn } from '../support/scene';
import { SCENES } from '../support/scenes';

/** Scenes of pages that load no wasm. */
const STATIC_PAGES = ['home', 'not-found'];
const WEIGHED = [...STATIC_PAGES, 'sign-in-email', 'activate', 'rooms', 'room-alone', 'settings'];

for (const scene of SCENES.filter(({ name }) => WEIGHED.includes(name))) {
  test(`weight: ${scene.name}`, async ({ startServer, someone }) => {
    // Some scenes open several browsers before the page is weighed.
    test.slow();
    const server = await startServer();
    const viewer = await scene.show(stageOn(server, someone));
    const fresh = await someone({ on: server });
    await fresh.context.addCookies(await viewer.context.cookies());
    const finished: Request[] = [];
    fresh.page.on('requestfinished', (request) => finished.push(request));

    await fresh.open(viewer.path);
    await fresh.page.waitForLoadState(STATIC_PAGES.includes(scene.name) ? 'networkidle' : 'load');

    const parts = await Promise.all(finished.map(measure));
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    console.log(`\n${scene.name}: ${parts.length} requests, ${kB(bytes)}`);
    for (const part of parts) console.log(`  ${kB(part.bytes).padStart(10)}  ${part.encoding.padEnd(4)}  ${part.path}`);
    if (STATIC_PAGES.includes(scene.name)) expect(parts.filter(({ path }) => path.endsWith('.wasm'))).toEqual([]);
  });
}

async function measure(request: Request) {
  const [sizes, response] = [await request.sizes(), await request.response()];
  return {
    path: new URL(request.url()).pathname.slice(0, 60),
    bytes: sizes.responseBodySize,
    encoding: (await response?.headerValue('content-encoding')) ?? '',
  };
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
