/** A browser on a machine of the lab. It trusts the lab's authority, and its microphone plays a tone. */
import { chromium, type Browser } from '@playwright/test';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CHROMIUM, CHROMIUM_ARGS } from '../support/chromium';
import { toneFile } from '../support/sound';
import { BROWSER_HOME, FOLDER } from './certificate';
import type { Machine } from './machine';

/** Starts a browser. `hertz` is the tone of its microphone. `maps` are names that this browser resolves otherwise than all others. */
export async function startBrowser(machine: Machine, hertz: number, maps: Record<string, string> = {}): Promise<Browser> {
  const program = path.join(FOLDER, `${machine.name}.sh`);
  await writeFile(program, `#!/bin/sh\nexec ${machine.enter.join(' ')} env HOME=${BROWSER_HOME} ${CHROMIUM} "$@"\n`, { mode: 0o755 });
  const tone = toneFile(hertz);
  const microphone = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${tone}`];
  const rules = Object.entries(maps).map(([host, address]) => `MAP ${host} ${address}`);
  const names = rules.length ? [`--host-resolver-rules=${rules.join(', ')}`] : [];
  return chromium.launch({ executablePath: program, args: [...CHROMIUM_ARGS, ...microphone, ...names] });
}
