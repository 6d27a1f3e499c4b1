/** The package for Debian, from an empty root until it is removed. The commands are those of the documents. */
import path from 'node:path';
import { figure } from '../network/figures';
import { sh } from '../network/shell';
import { SERVER_AWAY } from '../support/troubles';
import { blocksBelow, deploymentBlock } from './document_commands';
import { expectOwner } from './first_people';
import { DOMAIN, expect, LAB_SETTINGS, ownerLinkIn, test, type NewServer } from './fixtures';

const HOME = '/var/lib/snug';
const MINUTES_MAX = 5;
/** The exposure that `systemd-analyze security` finds, times ten. Below 20 it calls a service OK. */
const EXPOSURE_MAX = 20;
/** Data as commit c8c0ae9 wrote it. */
const OLD_DATA = path.resolve(__dirname, '../../tests/http/upgrade');

test('the package is installed, used, upgraded, backed up, restored and removed', async ({ newServer }) => {
  const server = await newServer('deb', `${HOME}/data`);
  const { root, ada } = server;
  const journal = () => root.run('journalctl --unit snug');

  await test.step('two people talk', async () => {
    const began = performance.now();
    const printed = await install(server);
    await server.isServed(journal);
    await server.letTwoPeopleTalk(printed);
    figure('package: from an empty root to two people who hear each other', (performance.now() - began) / 60_000, 'min', MINUTES_MAX);
  });
  for (const one of [ada, server.ben]) one.troubles.allow(SERVER_AWAY);

  await test.step('the unit is right, and the data private', async () => {
    await root.run('systemd-analyze verify --man=no /usr/lib/systemd/system/snug.service');
    await root.run(`systemd-analyze security --offline=yes --threshold=${EXPOSURE_MAX} snug.service`);
    expect(await root.run(`stat --format='%U %a' ${HOME} ${HOME}/data /etc/snug.env`)).toBe('snug 700\nsnug 700\nroot 600\n');
    await root.run('systemctl reload snug');
    await server.isServed(journal);
  });

  await test.step('an upgrade keeps everything', async () => {
    await root.run('apt install ./snug_*-2_amd64.deb');
    expect(await root.run("dpkg-query --show --showformat='${Version}' snug")).toMatch(/-2$/);
    await root.run('systemctl restart snug');
    await server.isServed(journal);
    expect(await root.run('cat /etc/snug.env')).toContain(DOMAIN);
    await expectOwner(ada);
  });

  await test.step('a backup is made and restored, and the owner comes back', async () => {
    await root.run(deploymentBlock('Backup', 'snug backup'));
    const restored = await root.run(deploymentBlock('Backup', 'snug restore'));
    expect(restored).toContain('Everybody has to sign in again');
    await server.isServed(journal);
    await ada.page.goto('/rooms');
    await ada.isAt('/sign-in');
    await ada.page.goto(ownerLinkIn(await root.run(deploymentBlock('systemd', 'snug owner-link'))));
    await ada.page.getByRole('button', { name: /^Sign in as .*Ada/ }).click();
    await ada.isAt('/rooms');
    await expectOwner(ada);
  });

  await test.step('data of an old version is saved before it is changed', async () => {
    await root.run(`systemctl stop snug; mv ${HOME}/data ${HOME}/data.restored; mkdir ${HOME}/data`);
    const data = root.outside(`${HOME}/data`);
    await sh(`
      sqlite3 ${data}/snug.db < ${OLD_DATA}/c8c0ae9.sql
      cp ${OLD_DATA}/c8c0ae9-keyring.json ${data}/keyring.json
    `);
    await root.run(`chown --recursive snug: ${HOME}/data; systemctl start snug`);
    await server.isServed(journal);
    expect(await root.run(`ls ${HOME}/data/backups`)).toMatch(/^before-.*\.tar$/m);
  });

  await test.step('removing it leaves the data', async () => {
    // A systemd that runs is asked to stop Snug by the package.
    await root.run('systemctl stop snug; apt-get --yes remove snug');
    await root.run('test ! -e /usr/bin/snug; test ! -e /usr/lib/systemd/system/snug.service');
    await root.run(`test -e /etc/snug.env; test -e ${HOME}/data/snug.db`);
    expect(await root.run('apt-get --yes purge snug')).toContain(`The data of Snug is still in ${HOME}`);
    await root.run(`test ! -e /etc/snug.env; test -e ${HOME}/data/snug.db; getent passwd snug`);
    expect(await root.run("find /etc /usr /var/lib/systemd -xdev -iname '*snug*'"), 'files that stay').toBe('');
  });
});

/** Runs the commands of the README. Returns what the last one prints, the log with the owner link. */
async function install({ root }: NewServer): Promise<string> {
  let printed = '';
  for (const command of blocksBelow('README.md', 'Run it on a server')[0]) {
    printed = await root.run(command);
    if (!command.includes('apt install')) continue;
    for (const [name, value] of Object.entries(LAB_SETTINGS)) await root.run(`echo ${name}=${value} >> /etc/snug.env`);
  }
  return printed;
}
