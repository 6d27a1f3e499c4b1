/** A small load of HTTP requests over loopback. Each connection sends its next request when its last request has been answered. */
import http from 'node:http';

/** Returns the requests per second, and the median and the 99th percentile of the time that a request took, in ms. */
export async function load(subject, path, { requests, connections }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const took = [];
  let left = requests;
  const connection = async () => {
    while (left-- > 0) took.push(await ask(agent, subject.port, path));
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: connections }, connection));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return { perSecond: requests / seconds, p50: percentile(took, 50), p99: percentile(took, 99) };
}

export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

function ask(agent, port, path) {
  const began = performance.now();
  const headers = { host: `localhost:${port}`, 'accept-encoding': 'gzip, deflate, br, zstd' };
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`));
      response.resume().on('end', () => resolve(performance.now() - began));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
