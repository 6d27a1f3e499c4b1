/**
 * A minimal HTTP client for load: it writes requests to open connections, and each connection sends the next request when
 * the last one has been answered. Node's own HTTP client would use more CPU than the servers that are measured.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';

/** The cookies of one person, stored as in a browser. */
export class Jar {
  #cookies = new Map();

  /** `header` is the value of a `Cookie` header. */
  constructor(header = '') {
    for (const pair of header.split(/;\s*/).filter(Boolean)) this.set(pair);
  }

  set(pair) {
    const end = pair.indexOf('=');
    this.#cookies.set(pair.slice(0, end), pair.slice(end + 1));
  }

  get header() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

/** The text of a request with the cookies of `jar`. The body is a URL-encoded form. */
export function request(server, method, path, { jar, accept = 'application/json', body = '' } = {}) {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: localhost:${server.port}`, `Accept: ${accept}`];
  if (method === 'POST') lines.push(`Origin: http://localhost:${server.port}`);
  if (jar?.header) lines.push(`Cookie: ${jar.header}`);
  if (method === 'POST') {
    lines.push('Content-Type: application/x-www-form-urlencoded', `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/**
 * Sends `count` requests over `connections` connections. `make(turn)` returns { text, jar } of a request, and the cookies of the
 * answer go into the jar. Returns the seconds that it took, the number of answers with 200, and the first other answer.
 */
export async function drive(server, connections, count, make) {
  const outcome = { good: 0, odd: undefined };
  let turn = 0;
  const next = () => (turn < count ? make(turn++) : undefined);
  const began = performance.now();
  await Promise.all(Array.from({ length: connections }, () => converse(server.port, next, outcome)));
  return { seconds: (performance.now() - began) / 1000, ...outcome };
}

function converse(port, next, outcome) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1').setNoDelay(true);
    let [asked, heard] = [undefined, ''];
    const ask = () => {
      asked = next();
      if (asked) socket.write(asked.text);
      else socket.end();
    };
    socket.on('connect', ask);
    socket.on('data', (data) => {
      heard += data.toString('latin1');
      const end = endOfAnswer(heard);
      if (end === undefined) return;
      const head = heard.slice(0, heard.indexOf('\r\n\r\n'));
      if (head.startsWith('HTTP/1.1 200')) outcome.good++;
      else outcome.odd ??= heard.slice(0, end);
      for (const [, pair] of head.matchAll(/^set-cookie: ([^;\r]*)/gim)) asked.jar?.set(pair);
      heard = heard.slice(end);
      ask();
    });
    socket.on('error', reject).on('close', () => (asked ? reject(new Error('a connection was closed')) : resolve()));
  });
}

/** The position at which the first answer in `text` ends; undefined if it is not complete yet. */
function endOfAnswer(text) {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = /\ncontent-length: (\d+)/i.exec(text.slice(0, head));
  if (length) {
    const end = head + 4 + Number(length[1]);
    return text.length < end ? undefined : end;
  }
  if (!/\ntransfer-encoding: chunked/i.test(text.slice(0, head))) return head + 4;
  const last = text.indexOf('\r\n0\r\n\r\n', head);
  return last < 0 ? undefined : last + 7;
}

/** The CPU time of a process in microseconds: utime and stime of proc(5), which are in hundredths of a second. */
export function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
