import { once } from 'node:events';
import http from 'node:http';
import net, { type Socket } from 'node:net';

export interface HubProxyOptions {
  /** Where names lead: those of the tests exist nowhere else, so that nobody gets there without the proxy. */
  readonly ports: Readonly<Record<string, number>>;
  /** `user:password` that it asks for. */
  readonly credentials?: string;
}

/** A proxy for HTTP and, by `CONNECT`, for anything. */
export class HubProxy {
  /** What was asked for: `CONNECT hub.test:443`, `GET http://hub.test/…`. */
  readonly requests: string[] = [];
  readonly #server = http.createServer((request, response) => this.#forward(request, response));
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly options: HubProxyOptions) {
    this.#server.on('connect', (request, socket: Socket) => this.#tunnel(request, socket));
  }

  /** @param home closes it at the end of the test. */
  static async open(home: { atEnd(release: () => Promise<void>): void }, options: HubProxyOptions): Promise<HubProxy> {
    const proxy = new HubProxy(options);
    home.atEnd(() => proxy.close());
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get address(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #allowed(request: http.IncomingMessage): boolean {
    const { credentials } = this.options;
    return credentials === undefined || request.headers['proxy-authorization'] === `Basic ${Buffer.from(credentials).toString('base64')}`;
  }

  #tunnel(request: http.IncomingMessage, near: Socket): void {
    this.requests.push(`CONNECT ${request.url}`);
    const port = this.options.ports[(request.url ?? '').split(':')[0] ?? ''];
    if (port === undefined || !this.#allowed(request)) {
      near.end(`HTTP/1.1 ${port === undefined ? '502 Bad Gateway' : '407 Proxy Authentication Required'}\r\n\r\n`);
      return;
    }
    const far = net.connect(port, '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.once('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    const url = new URL(request.url ?? '');
    const port = this.options.ports[url.hostname];
    if (port === undefined || !this.#allowed(request)) {
      response.writeHead(port === undefined ? 502 : 407).end();
      return;
    }
    const onward = http.request({ host: '127.0.0.1', port, method: request.method, path: url.pathname + url.search, headers: request.headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}
