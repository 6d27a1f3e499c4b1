/** The archive with the program, from an empty root until it is removed. The first commands are those of the README. */
import { figure } from '../network/figures';
import { until } from '../network/shell';
import { Database } from '../support/database';
import { SERVER_AWAY } from '../support/troubles';
import { blocksBelow } from './document_commands';
import { expectOwner } from './first_people';
import { expect, LAB_SETTINGS, test } from './fixtures';

const MINUTES_MAX = 5;

test('the README has one block of commands for the package, and one for the archive', () => {
  const blocks = blocksBelow('README.md', 'Run it on a server');
  expect(blocks).toHaveLength(2);
  expect(blocks[0][0]).toContain('.deb');
  expect(blocks[1][0]).toContain('.tar.gz');
});

test('the archive is unpacked, used, replaced, backed up, restored and removed', async ({ newServer }) => {
  const server = await newServer('tar', '/root/data', LAB_SETTINGS);
  const { root, ada } = server;
  const [unpack, serve] = blocksBelow('README.md', 'Run it on a server')[1];
  const program = serve.match(/\S+\/snug(?= )/)?.[0] as string;
  expect(program, serve).toBeTruthy();

  const began = performance.now();
  await root.run(unpack);
  let snug = root.start(serve);
  try {
    await test.step('two people talk', async () => {
      await server.isServed(() => snug.log);
      await server.letTwoPeopleTalk(snug.log);
      figure('archive: from an empty root to two people who hear each other', (performance.now() - began) / 60_000, 'min', MINUTES_MAX);
    });
    for (const one of [ada, server.ben]) one.troubles.allow(SERVER_AWAY);

    await test.step('another program goes on with the same data', async () => {
      await snug.stop();
      expect(snug.log).toContain('Snug has stopped.');
      await root.run(unpack);
      snug = root.start(serve);
      await server.isServed(() => snug.log);
      await expectOwner(ada);
    });

    await test.step('a backup is made while it runs, and restored into an empty folder', async () => {
      expect(await root.run(`${program} backup today.tar`)).toContain('It was read again and is whole.');
      await expect(root.run(`${program} restore today.tar`), 'nothing overwrites data').rejects.toThrow(/can't restore/);
      await root.run(`mkdir elsewhere; cd elsewhere; ../${program} restore ../today.tar; test -e data/snug.db`);
      const restored = new Database(root.outside('/root/elsewhere/data'));
      expect(await restored.ask('select group_concat(name) from (select name from users order by name)')).toBe('Ada,Ben');
    });
  } finally {
    await snug.stop();
  }

  await test.step('nothing of it is outside the folder', async () => {
    await until(async () => !(await root.machine.accepts(443)), 'Snug has left the port');
    await root.run('rm -r snug-* data elsewhere today.tar');
    expect(await root.run("find / -xdev -iname '*snug*' -not -path '/root/*' -not -path '/usr/local/bin/*'"), 'files that stay').toBe('');
  });
});
