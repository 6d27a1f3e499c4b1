/** Reads the commands in the documents of the repository, as people copy them. Tests run them, so a wrong command fails a test. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const REPOSITORY = path.resolve(__dirname, '../..');

/** The blocks of shell commands below a heading, each with its lines. */
export function blocksBelow(document: string, heading: string): string[][] {
  const blocks: string[][] = [];
  let [section, fence] = ['', ''];
  for (const line of readFileSync(path.join(REPOSITORY, document), 'utf8').split('\n')) {
    if (line.startsWith('```')) {
      fence = fence ? '' : line;
      if (fence === '```sh' && section === heading) blocks.push([]);
    } else if (!fence && line.startsWith('#')) {
      section = line.replace(/^#+ /, '');
    } else if (fence === '```sh' && section === heading) {
      blocks.at(-1)!.push(line);
    }
  }
  if (!blocks.length) throw new Error(`${document} has no commands below the heading "${heading}"`);
  return blocks;
}

/** The block of commands below a heading of docs/deploy.md that contains `words`. The document is for /srv/snug, so this puts in the paths
 *  of a Snug that the package has installed. */
export function deploymentBlock(heading: string, words: string): string {
  const block = blocksBelow('docs/deploy.md', heading).find((lines) => lines.some((line) => line.includes(words)));
  if (!block) throw new Error(`docs/deploy.md has no command with "${words}" below "${heading}"`);
  return block.join('\n').replaceAll('/srv/snug', '/var/lib/snug').replaceAll('./snug', 'snug');
}
