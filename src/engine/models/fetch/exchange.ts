import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { linkSignals, raceAbort, throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { failureOfConnection, shownUrl } from './httpFailure.js';
import type { Network } from './network.js';

/** What a server said, before its body is read. Either the body is read to its end, or `discard` is called. */
export interface Answer {
  readonly status: number;
  /** Of the last server. */
  header(name: string): string | null;
  /** Of the first server that has it, on the way to the last one. */
  headerOnTheWay(name: string): string | null;
  readonly body: Readable;
  /** Who gave the answer. */
  readonly url: URL;
  /** Whether the first server got the access token. */
  readonly withToken: boolean;
}

type Response = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>;

const mostRedirects = 10;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Asks for a file and follows redirects. The access token goes to the endpoint's own origin, at whichever step, and to nobody else.
 * @throws TemporaryError
 * @throws EngineError `serverUnreachable`, `downloadBroken`, `cancelled`
 */
export async function exchange(network: Network, start: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
  const passed: Response[] = [];
  for (let url = start; passed.length <= mostRedirects; ) {
    const token = network.tokenFor(url);
    const response = await ask(network, url, { ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) }, signal);
    passed.push(response);
    const location = redirects.has(response.statusCode) ? headerOf(response, 'location') : null;
    if (location === null) return answer(passed, response, url, network.tokenFor(start) !== null);
    discard(response.body);
    url = nextAddress(location, url, start);
  }
  throw new EngineError({ code: 'downloadBroken', url: shownUrl(start), reason: 'it is redirected again and again' });
}

/** Ends an answer that nobody wants to read. */
export function discard(body: Readable): void {
  body.on('error', () => undefined);
  body.destroy();
}

async function ask(network: Network, url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
  throwIfAborted(signal);
  const { connectMs, stallMs } = network.limits;
  const ending = linkSignals(signal);
  // A proxy that takes the connection and then says nothing has no other limit.
  const timer = setTimeout(() => ending.abort(), connectMs + stallMs);
  try {
    // Compressed, ranges would mean something else.
    const [{ request }, dispatcher] = await Promise.all([import('undici'), network.dispatcher()]);
    const asking = request(url, { dispatcher, signal: ending.signal, headers: { 'user-agent': 'seekpod', 'accept-encoding': 'identity', ...headers } });
    // undici hears the signal when it has a connection, and not before.
    const response = await raceAbort(asking, ending.signal);
    response.body.once('close', () => ending.dispose());
    return response;
  } catch (error) {
    const late = ending.signal.aborted;
    ending.dispose();
    throwIfAborted(signal);
    throw failureOfConnection(late ? new Error(`no answer for ${(connectMs + stallMs) / 1_000} s`) : error, url.host);
  } finally {
    clearTimeout(timer);
  }
}

function nextAddress(location: string, from: URL, start: URL): URL {
  const broken = (reason: string): EngineError => new EngineError({ code: 'downloadBroken', url: shownUrl(start), reason });
  if (!URL.canParse(location, from.href)) throw broken('it is redirected to what is no address');
  const next = new URL(location, from);
  if (next.protocol !== 'https:' && next.protocol !== 'http:') throw broken(`it is redirected to ${next.protocol}`);
  if (from.protocol === 'https:' && next.protocol === 'http:') throw broken('it is redirected from https to http');
  return next;
}

function answer(passed: readonly Response[], { statusCode, headers, body }: Response, url: URL, withToken: boolean): Answer {
  return {
    status: statusCode,
    header: (name) => headerOf({ headers }, name),
    headerOnTheWay: (name) => passed.map((response) => headerOf(response, name)).find((value) => value !== null) ?? null,
    body,
    url,
    withToken,
  };
}

function headerOf({ headers }: Pick<Response, 'headers'>, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
