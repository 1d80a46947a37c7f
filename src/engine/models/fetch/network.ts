import fs from 'node:fs';
import tls from 'node:tls';
import type { Dispatcher, EnvHttpProxyAgent } from 'undici';
import { type Clock, systemClock } from '../../base/clock.js';
import { type Disposable, toDisposable } from '../../base/disposable.js';
import { type Environment, proxyVariable, variable } from '../../base/environment.js';
import { EngineError } from '../../base/errors.js';
import type { NetworkOptions } from '../../protocol/modelTypes.js';
import type { Patience } from './retry.js';

/** How long is waited, and how often something is tried. */
export interface NetworkLimits {
  readonly connectMs: number;
  /** Longest time without a byte, for the answer and within it. */
  readonly stallMs: number;
  /** Tries in a row of one request of a download. */
  readonly attempts: number;
  /** The same while somebody waits for the answer. */
  readonly firstAttempts: number;
}

const usualLimits: NetworkLimits = { connectMs: 15_000, stallMs: 30_000, attempts: 8, firstAttempts: 3 };

/** The connections that downloads are made over, with one set of options. */
export interface Network extends Disposable, Patience {
  /** Made when it is asked for first: most daemons never fetch anything, and undici is large. */
  dispatcher(): Promise<Dispatcher>;
  readonly limits: NetworkLimits;
  /** The access token, if it may be sent to this address: to the endpoint, and nowhere else. */
  tokenFor(url: URL): string | null;
}

export interface NetworkEnvironment {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly limits?: Partial<NetworkLimits>;
  /** Read for `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and `NODE_EXTRA_CA_CERTS`. */
  readonly env?: Environment;
}

/** A proxy is somewhere else, where these names mean itself. */
const neverByProxy = ['localhost', '127.0.0.1', '[::1]'];

/** @throws EngineError `serverUnreachable` where the address of the proxy is none, or of a kind that undici does not speak */
export function openNetwork(options: NetworkOptions, { clock = systemClock, random = Math.random, limits: changes = {}, env = process.env }: NetworkEnvironment = {}): Network {
  const limits = { ...usualLimits, ...changes };
  const agentOptions = agentOptionsOf(options, limits, env);
  for (const proxy of [agentOptions.httpProxy, agentOptions.httpsProxy]) {
    const reason = proxy === '' ? null : proxyProblem(proxy);
    if (reason !== null) throw new EngineError({ code: 'serverUnreachable', host: 'proxy', reason });
  }
  const endpoint = parsed(options.endpoint)?.origin ?? null;
  let opened: Promise<Dispatcher> | null = null;
  const closing = toDisposable(() => void opened?.then((dispatcher) => dispatcher.destroy()).catch(() => undefined));
  return {
    clock,
    random,
    limits,
    dispatcher: () => (opened ??= import('undici').then((undici) => new undici.EnvHttpProxyAgent(agentOptions))),
    tokenFor: (url) => (options.token !== null && url.origin === endpoint ? options.token : null),
    dispose: () => closing.dispose(),
  };
}

const proxyKinds = ['http:', 'https:', 'socks:', 'socks5:'];

function proxyProblem(address: string): string | null {
  const protocol = parsed(address)?.protocol;
  if (protocol === undefined) return 'the address of the proxy is none';
  return proxyKinds.includes(protocol) ? null : `a proxy of the kind ${protocol} is not supported; http:, https: and socks5: are`;
}

function agentOptionsOf(options: NetworkOptions, limits: NetworkLimits, env: Environment): EnvHttpProxyAgent.Options & { readonly httpProxy: string; readonly httpsProxy: string } {
  const secure = {
    rejectUnauthorized: options.strictTls,
    ...(options.certificates.length === 0 ? {} : { ca: [...tls.rootCertificates, ...extraCertificates(env['NODE_EXTRA_CA_CERTS']), ...options.certificates] }),
  };
  const noProxy = [...options.noProxy, variable(env, 'NO_PROXY') ?? ''].filter((hosts) => hosts !== '');
  const connect = { timeout: limits.connectMs, ...secure };
  return {
    httpProxy: options.proxy ?? proxyVariable(env, 'HTTP_PROXY') ?? '',
    httpsProxy: options.proxy ?? proxyVariable(env, 'HTTPS_PROXY') ?? '',
    noProxy: noProxy.includes('*') ? '*' : [...neverByProxy, ...noProxy].join(','),
    // Many proxies let only TLS through a tunnel.
    proxyTunnel: false,
    connect,
    requestTls: connect,
    proxyTls: connect,
    headersTimeout: limits.stallMs,
    bodyTimeout: limits.stallMs,
    allowH2: false,
  };
}

/** Further authorities replace the usual ones, and with them what Node was told to add. */
function extraCertificates(file: string | undefined): readonly string[] {
  if (file === undefined || file === '') return [];
  try {
    return [fs.readFileSync(file, 'utf8')];
  } catch {
    // Node itself only warns about it.
    return [];
  }
}

function parsed(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null;
}
