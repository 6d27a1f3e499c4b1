/** `snug doctor` beside servers on which one thing is wrong. The first line of its output names what is wrong. */
import { once } from 'node:events';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CERTIFICATE, FOLDER, makeCertificate } from './certificate';
import { Clinic, type Diagnosis, type SetUp } from './examined';
import { Home } from './home';
import { makeMachine, ROUTER } from './internet';
import { expect, test, type Lab } from './lab';
import { startRefusingMailServer } from './refusing_mail_server';
import { sh } from './shell';
import type { Snug } from './snug';

const HOST = 'clinic.lab.test';
const SNUG_AT = '127.0.0.1:3000';
/** Nobody has this address. */
const NOBODY = '192.0.2.250';
const DAY_MS = 86_400_000;
const RECEIVE_BUFFER = '/proc/sys/net/core/rmem_max';

let clinic: Clinic;

test.beforeAll(async ({ lab }) => {
  clinic = new Clinic(lab, await makeMachine('clinic', 'servers'), HOST);
});

interface Expected {
  check: string;
  message: RegExp;
  /** A warning leaves the exit status at 0. */
  mark?: 'bad' | 'warning';
}

/** Examines a Snug that is set up like this. */
async function expectFirst(setUp: SetUp, { check, message, mark = 'bad' }: Expected, at = clinic): Promise<Diagnosis> {
  const found = await at.examine(setUp);
  expect.soft([found.mark, found.check], found.output).toEqual([mark, check]);
  expect.soft(found.message, found.output).toMatch(message);
  expect(found.status, found.output).toBe(mark === 'bad' ? 1 : 0);
  return found;
}

/** Changes the time at which a file of the data folder was written. */
function dateFile(file: string, fromNowMs: number): Promise<void> {
  const time = new Date(Date.now() + fromNowMs);
  return utimes(file, time, time);
}

test('doctor finds nothing bad if nothing is wrong, behind a proxy and without one', async () => {
  for (const setUp of [{}, await withoutProxy()]) {
    const { status, output } = await clinic.examine(setUp);
    expect(status, output).toBe(0);
    expect(output).not.toMatch(/^bad/m);
    for (const check of ['dns', 'site_port', 'certificate', 'public_url', 'websocket', 'voice_address', 'voice_udp', 'mail', 'data_folder']) {
      expect.soft(output, check).toMatch(new RegExp(`^ok +${check}: `, 'm'));
    }
  }
});

test('doctor names a setting that is not valid', async () => {
  const changes = { SNUG_PUBLIC_URL: `http://${HOST}` };
  await expectFirst({ changes }, { check: 'configuration', message: /should begin with https:\/\// });
});

test('doctor names a Snug that does not run', async () => {
  await expectFirst({ isStopped: true }, { check: 'server', message: /Snug does not run\./ });
});

test('doctor names a domain that does not resolve', async () => {
  await expectFirst({ address: null }, { check: 'dns', message: new RegExp(`The name ${HOST} does not resolve`) });
});

test('doctor names a domain that leads to another machine', async () => {
  const message = new RegExp(`${HOST} leads to ${ROUTER}, which is another machine: this one has ${clinic.machine.address}`);
  await expectFirst({ address: ROUTER }, { check: 'dns', message });
});

test('doctor names a firewall that blocks port 443', async () => {
  await expectFirst({ blocks: ['tcp dport 443 drop'] }, { check: 'site_port', message: /A firewall on this machine blocks .+, port 443/ });
});

test('doctor names port 443 if no proxy listens there', async () => {
  await expectFirst({ after: (snug) => snug.stopProxy() }, { check: 'site_port', message: /Nothing listens at .+, port 443/ });
});

test('doctor names a firewall that blocks port 80 of a Snug that serves https itself', async () => {
  const setUp = { ...(await withoutProxy()), blocks: ['tcp dport 80 drop'] };
  await expectFirst(setUp, { check: 'http_port', message: /Nothing answers at .+, port 80/, mark: 'warning' });
});

test('doctor names a blocked UDP port of the voice', async () => {
  await expectFirst({ blocks: ['udp dport 3478 drop'] }, { check: 'voice_udp', message: /A firewall on this machine blocks .+, UDP port 3478/ });
});

test('doctor names an advertised address that is private', async () => {
  await expectFirst({ settings: { SNUG_VOICE_ADVERTISE: '10.9.9.9' } }, { check: 'voice_address', message: /only private addresses/ });
});

test('doctor names an advertised address at which this Snug does not answer', async () => {
  const message = new RegExp(`told to send voices to ${ROUTER}, where this Snug does not answer`);
  await expectFirst({ settings: { SNUG_VOICE_ADVERTISE: ROUTER } }, { check: 'voice_udp', message });
});

test('doctor names a certificate that has expired', async () => {
  const proxy = await makeCertificate('expired', HOST, -1);
  await expectFirst({ proxy }, { check: 'certificate', message: new RegExp(`The certificate for ${HOST} has expired`) });
});

test('doctor names a certificate for another name', async () => {
  const proxy = await makeCertificate('other', 'www.example.org', 2);
  await expectFirst({ proxy }, { check: 'certificate', message: new RegExp(`is for www\\.example\\.org, and not for ${HOST}`) });
});

test('doctor names a certificate of an authority that nobody knows', async () => {
  // The doctor knows no other authority than this certificate, which is none.
  const changes = { SSL_CERT_FILE: CERTIFICATE };
  const message = /No authority that this machine knows has signed the certificate/;
  await expectFirst({ changes }, { check: 'certificate', message });
});

test('doctor names a public URL at which another program answers', async () => {
  const site = 'respond "It works!"';
  await expectFirst({ proxy: { site } }, { check: 'public_url', message: new RegExp(`Another program answers at https://${HOST}.+status 200`) });
});

test('doctor names a public URL that leads to another one', async () => {
  const site = 'redir https://www.lab.test{uri}';
  await expectFirst({ proxy: { site } }, { check: 'public_url', message: /it redirects to https:\/\/www\.lab\.test/ });
});

test('doctor names a proxy that does not reach Snug', async () => {
  const site = 'reverse_proxy 127.0.0.1:3999';
  await expectFirst({ proxy: { site } }, { check: 'public_url', message: /answers 502 Bad Gateway: it does not reach Snug/ });
});

test('doctor names a proxy that does not say who its clients are', async () => {
  const site = `reverse_proxy ${SNUG_AT} {
    header_up -X-Forwarded-For
  }`;
  await expectFirst({ proxy: { site } }, { check: 'proxy_address', message: /does not say who its clients are/ });
});

test('doctor names a proxy that believes what its clients say about their address', async () => {
  const site = `reverse_proxy ${SNUG_AT} {
    header_up X-Forwarded-For {http.request.header.X-Forwarded-For}
  }`;
  await expectFirst({ proxy: { site } }, { check: 'proxy_address', message: /everybody can choose their address/ });
});

test('doctor names a proxy that is not in the settings', async () => {
  const settings = { SNUG_PUBLIC_PROXIES: NOBODY };
  await expectFirst({ settings }, { check: 'proxy_address', message: /does not believe the proxy at 127\.0\.0\.1/ });
});

test('doctor names a proxy that says another host', async () => {
  const site = `reverse_proxy ${SNUG_AT} {
    header_up Host elsewhere.lab.test
  }`;
  await expectFirst({ proxy: { site } }, { check: 'proxy_host', message: /requests are for elsewhere\.lab\.test/ });
});

test('doctor names a proxy that does not pass WebSockets on', async () => {
  const site = `request_header -Upgrade
  request_header -Connection
  reverse_proxy ${SNUG_AT}`;
  await expectFirst({ proxy: { site } }, { check: 'websocket', message: /it removes the header Upgrade/ });
});

test('doctor names a mail server that refuses the connection', async () => {
  const settings = { SNUG_MAIL_SMTP_URL: `smtp://${ROUTER}:1?tls=opportunistic` };
  await expectFirst({ settings }, { check: 'mail', message: /refuses the connection/ });
});

test('doctor names a mail server that refuses the password, and does not show it', async () => {
  const mail = await startRefusingMailServer(ROUTER, 2526);
  const settings = { SNUG_MAIL_SMTP_URL: `smtp://somebody:hunter2@${ROUTER}:2526?tls=opportunistic` };
  const { output } = await expectFirst({ settings }, { check: 'mail', message: /refuses the user name or the password \(535/ });
  expect(output).not.toContain('hunter2');
  mail.close();
  await once(mail, 'close');
});

test('doctor names a file of the data folder that belongs to another user', async () => {
  const after = ({ server }: Snug) => sh(`chown 1000 ${server.dataDir}`);
  await expectFirst({ after }, { check: 'data_folder', message: /belongs to the user 0, and the data folder .+ to the user 1000/ });
});

test('doctor names a disk that is full', async () => {
  const folder = path.join(FOLDER, 'small');
  await sh(`mkdir -p ${folder} && mount -t tmpfs -o size=48m,mode=700 small ${folder}`);
  await expectFirst({ settings: { SNUG_DATA_DIR: folder } }, { check: 'disk', message: /is full/ }).finally(() => sh(`umount ${folder}`));
});

test('doctor names a data folder that another Snug uses', async () => {
  // Somebody starts a second Snug by hand, which reads the same data folder.
  const changes = { SNUG_PUBLIC_URL: 'https://second.lab.test', LEPTOS_SITE_ADDR: '127.0.0.1:3001' };
  await expectFirst({ changes }, { check: 'two_programs', message: /Another program uses the data: .+ is in use \(process \d+/ });
});

test('doctor names a limit on open files that is low', async () => {
  await expectFirst({ under: ['prlimit', '--nofile=300:300'] }, { check: 'file_limit', message: /may open only 300 files/ });
});

test('doctor names a receive buffer that is small', async () => {
  test.skip(!existsSync(RECEIVE_BUFFER), 'the system does not show its limit in a network namespace');
  const file = path.join(FOLDER, 'rmem_max');
  await writeFile(file, '212992\n');
  // Only the doctor sees the other limit, because the real one is for the whole machine.
  const doctorUnder = ['unshare', '--mount', 'bash', '-c', `mount --bind ${file} ${RECEIVE_BUFFER} && exec "$@"`, 'doctor'];
  await expectFirst({ doctorUnder }, { check: 'receive_buffer', message: /a receive buffer of 212992 bytes/, mark: 'warning' });
});

test('doctor names a backup that is old', async () => {
  const after = async ({ server }: Snug) => {
    const folder = path.join(server.dataDir, 'backups');
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, 'snug-2026-01-01-000000.tar');
    await writeFile(file, '');
    await dateFile(file, -10 * DAY_MS);
  };
  await expectFirst({ after }, { check: 'backup', message: /The newest backup is 10 days old/, mark: 'warning' });
});

test('doctor names a clock that was set back', async () => {
  const after = ({ server }: Snug) => dateFile(path.join(server.dataDir, 'lock'), 3 * DAY_MS);
  await expectFirst({ after }, { check: 'clock', message: /The clock of this machine is wrong, or was/ });
});

test('doctor says that the router at home hides the answer', async ({ lab }) => {
  const { home, at } = await clinicAtHome(lab);
  const settings = { SNUG_VOICE_ADVERTISE: `auto,${home.address}` };
  const { output } = await expectFirst(
    { address: home.address, settings },
    { check: 'site_port', message: /hairpin NAT.+, which hides the answer/, mark: 'warning' },
    at,
  );
  expect.soft(output).toMatch(/^warning +voice_udp: Nothing answers at .+ \(UDP\)/m);
  expect(output).toContain('Open https://attic.lab.test on a phone without Wi-Fi.');
});

/** A Snug that serves https itself. */
async function withoutProxy(): Promise<SetUp> {
  const { certificate, key } = await makeCertificate('own', HOST, 2);
  return { proxy: null, settings: { SNUG_PUBLIC_TLS_CERT: certificate, SNUG_PUBLIC_TLS_KEY: key } };
}

async function clinicAtHome(lab: Lab): Promise<{ home: Home; at: Clinic }> {
  const home = await Home.make('flat');
  return { home, at: new Clinic(lab, await home.makeMachine('attic'), 'attic.lab.test') };
}
