import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { NetworkOptions } from '../../src/engine/protocol/modelTypes.js';
import { type HubFault, sendBody } from './hubFaults.js';
import type { TestAuthority } from './testAuthority.js';

/** A request as the hub got it. `hub` is the front, which redirects; `storage` is another host and port, which has the bytes. */
export interface HubRequest {
  readonly at: 'hub' | 'storage';
  readonly method: string;
  readonly path: string;
  /** The first and the last byte that were asked for; `null` is the whole file. */
  readonly range: { readonly first: number; readonly last: number } | null;
  readonly headers: http.IncomingHttpHeaders;
}

export interface HubOptions {
  /** Given, the hub asks for it as a bearer token; the storage refuses requests that carry one. */
  readonly token?: string;
  /** Given, both servers speak TLS. */
  readonly tls?: TestAuthority;
  /** The host that the hub redirects to, if it is not reached as `localhost`. */
  readonly storageHost?: string;
}

interface HubFile {
  readonly bytes: Buffer;
  readonly sha256: string;
}

const commit = '0123456789abcdef0123456789abcdef01234567';

/**
 * A server that speaks like the hub: `/{owner}/{name}/resolve/{revision}/{file}` redirects to another host, which serves
 * ranges with an ETag; `/api/models/{owner}/{name}/tree/{revision}` lists the files. `fault` makes it do wrong.
 */
export class HubServer {
  /** Every request, in order. */
  readonly requests: HubRequest[] = [];
  /** Asked for every request that is otherwise in order: what goes wrong with it. */
  fault: (request: HubRequest) => HubFault | null = () => null;
  /** Answers that have not ended. */
  answering = 0;
  readonly #files = new Map<string, HubFile>();
  readonly #hub: Server;
  #storage: Server;

  private constructor(private readonly options: HubOptions) {
    this.#hub = this.#server((request, response) => this.#answerHub(request, response));
    this.#storage = this.#server((request, response) => this.#answerStorage(request, response));
  }

  /** @param home closes it at the end of the test. */
  static async open(home: { atEnd(release: () => Promise<void>): void }, options: HubOptions = {}): Promise<HubServer> {
    const hub = new HubServer(options);
    home.atEnd(() => hub.close());
    await Promise.all([once(hub.#hub.listen(0, '127.0.0.1'), 'listening'), once(hub.#storage.listen(0, '127.0.0.1'), 'listening')]);
    return hub;
  }

  /** Address of the hub, as in the setting of the endpoint. */
  get endpoint(): string {
    return `${this.options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.hubPort}`;
  }

  get hubPort(): number {
    return portOf(this.#hub);
  }

  get storagePort(): number {
    return portOf(this.#storage);
  }

  /** Options that reach this hub. */
  network(changes: Partial<NetworkOptions> = {}): NetworkOptions {
    return { endpoint: this.endpoint, token: null, proxy: null, noProxy: [], strictTls: true, certificates: [], directory: null, ...changes };
  }

  /** Puts a file on the hub, or another one in its place. Returns its SHA-256. */
  put(repository: string, file: string, bytes: Uint8Array): string {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#files.set(`${repository}/${file}`, { bytes: Buffer.from(bytes), sha256 });
    return sha256;
  }

  /** Address of a file. */
  url(repository: string, file: string, revision = 'main'): string {
    return `${this.endpoint}/${repository}/resolve/${revision}/${file}`;
  }

  /** Requests that the storage got, by what they asked for. */
  get reads(): readonly HubRequest[] {
    return this.requests.filter(({ at }) => at === 'storage');
  }

  /** From now on the storage is at another port, and nobody is at the old one. */
  async moveStorage(): Promise<void> {
    await closed(this.#storage);
    this.#storage = this.#server((request, response) => this.#answerStorage(request, response));
    await once(this.#storage.listen(0, '127.0.0.1'), 'listening');
  }

  async close(): Promise<void> {
    await closed(this.#hub);
    await closed(this.#storage);
  }

  #server(answer: (request: IncomingMessage, response: ServerResponse) => void): Server {
    const { tls } = this.options;
    if (tls === undefined) return http.createServer(answer);
    const server = https.createServer({ key: tls.key, cert: tls.certificate }, answer);
    server.on('tlsClientError', () => undefined);
    return server;
  }

  #note(at: 'hub' | 'storage', message: IncomingMessage, response: ServerResponse): HubRequest {
    this.answering++;
    response.once('close', () => this.answering--);
    const range = /^bytes=(\d+)-(\d+)$/.exec(message.headers.range ?? '');
    const request: HubRequest = {
      at,
      method: message.method ?? '',
      path: message.url ?? '/',
      range: range === null ? null : { first: Number(range[1]), last: Number(range[2]) },
      headers: message.headers,
    };
    this.requests.push(request);
    return request;
  }

  #answerHub(message: IncomingMessage, response: ServerResponse): void {
    const request = this.#note('hub', message, response);
    if (this.options.token !== undefined && message.headers.authorization !== `Bearer ${this.options.token}`) {
      response.writeHead(401).end();
      return;
    }
    const path = decodeURIComponent(request.path.split('?')[0] ?? '');
    const tree = /^\/api\/models\/([^/]+\/[^/]+)\/tree\//.exec(path);
    if (tree?.[1] !== undefined) {
      this.#listFiles(tree[1], response);
      return;
    }
    const [, repository = '', file = ''] = /^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(path) ?? [];
    const found = this.#files.get(`${repository}/${file}`);
    if (found === undefined) {
      response.writeHead(404).end('Entry not found');
      return;
    }
    const fault = this.fault(request);
    if (fault !== null) {
      sendBody(response, { bytes: found.bytes, first: 0, last: 0, status: 200, headers: {}, fault });
      return;
    }
    const scheme = this.options.tls === undefined ? 'http' : 'https';
    const host = this.options.storageHost ?? 'localhost';
    response.writeHead(302, {
      location: `${scheme}://${host}:${this.storagePort}/${encodeURIComponent(repository)}/${encodeURIComponent(file)}?signature=s3cret`,
      'x-repo-commit': commit,
      'x-linked-size': String(found.bytes.length),
      'x-linked-etag': `"${found.sha256}"`,
    }).end();
  }

  #listFiles(repository: string, response: ServerResponse): void {
    const files = [...this.#files].filter(([name]) => name.startsWith(`${repository}/`));
    const list = files.map(([name, { bytes, sha256 }]) => ({ type: 'file', path: name.slice(repository.length + 1), size: bytes.length, oid: sha256.slice(0, 40), lfs: { oid: sha256, size: bytes.length, pointerSize: 135 } }));
    response.writeHead(list.length === 0 ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
  }

  #answerStorage(message: IncomingMessage, response: ServerResponse): void {
    const request = this.#note('storage', message, response);
    // As the real storage does: two kinds of authorization at once are a mistake.
    if (message.headers.authorization !== undefined || !request.path.includes('signature=s3cret')) {
      response.writeHead(400).end();
      return;
    }
    const file = this.#files.get(decodeURIComponent((request.path.split('?')[0] ?? '').slice(1)));
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const fault = this.fault(request);
    const etag = fault?.kind === 'otherFile' ? '"another"' : `"${file.sha256.slice(0, 32)}"`;
    const wanted = message.headers['if-range'] === undefined || message.headers['if-range'] === etag ? request.range : null;
    const ranges = fault?.kind !== 'noRanges' && fault?.kind !== 'noLength';
    const headers = { etag, ...(ranges ? { 'accept-ranges': 'bytes' } : {}) };
    if (ranges && wanted !== null && wanted.first >= file.bytes.length) {
      response.writeHead(416, { ...headers, 'content-range': `bytes */${file.bytes.length}` }).end();
      return;
    }
    const first = ranges && wanted !== null ? wanted.first : 0;
    const last = ranges && wanted !== null ? Math.min(wanted.last, file.bytes.length - 1) : file.bytes.length - 1;
    sendBody(response, { bytes: file.bytes, first, last, status: ranges && wanted !== null ? 206 : 200, headers, fault, method: request.method });
  }
}

async function closed(server: Server): Promise<void> {
  const over = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await over;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
