/** A proxy that does not know WebSockets: it passes requests on, but not `Upgrade` and `Connection`. */
import { createServer, request } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface PlainProxy {
  /** The origin of the proxy. */
  url: string;
  close: () => void;
}

/** Starts a proxy in front of the server at `target`. It passes the browser's `Host` on. */
export async function startPlainProxy(target: string): Promise<PlainProxy> {
  const { hostname, port } = new URL(target);
  const proxy = createServer((asked, answered) => {
    const { upgrade: _, connection: __, ...headers } = asked.headers;
    // The server listens on IPv4 only.
    const host = hostname === 'localhost' ? '127.0.0.1' : hostname;
    const passed = request({ host, port, path: asked.url, method: asked.method, headers }, (answer) => {
      answered.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(answered);
    });
    passed.on('error', () => answered.destroy());
    asked.pipe(passed);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
