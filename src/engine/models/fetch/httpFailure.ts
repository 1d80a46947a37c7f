import { EngineError, type Failure, messageOf } from '../../base/errors.js';
import { TemporaryError } from './retry.js';

/** An address as it may be shown and logged: signatures are in the query, passwords before the host. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** A request, and whom the user asked for: where that one redirected to is of no use to him. */
export interface Asked {
  /** What the user asked for. */
  readonly url: URL;
  readonly withToken: boolean;
}

/** What an answer that is not the file means. @param now Milliseconds since 1970, for a `Retry-After` with a date. */
export function failureOfStatus(status: number, retryAfter: string | null, { url, withToken }: Asked, now: number): EngineError | TemporaryError {
  if (status === 401 || status === 403) return new EngineError({ code: 'accessDenied', host: url.host, withToken });
  if (status === 404 || status === 410) return new EngineError({ code: 'notOnServer', url: shownUrl(url) });
  const failure: Failure = { code: 'serverRefused', url: shownUrl(url), status };
  return mayPass(status) ? new TemporaryError(failure, retryAfterMs(retryAfter, now)) : new EngineError(failure);
}

/** Timeouts, too many requests, and the server's own trouble, except that it cannot do this at all. */
function mayPass(status: number): boolean {
  return status === 408 || status === 416 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/** Seconds, or a date (RFC 9110, 10.2.3). `null` for what is neither. */
export function retryAfterMs(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value.trim()) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** OpenSSL's and Node's words for a certificate that is not trusted: asking again does not change it. */
const certificateCodes = /^(?:CERT_|ERR_TLS_CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|ERR_SSL_|ERR_OSSL_)/;

/** What an exchange that broke before its answer means. */
export function failureOfConnection(error: unknown, host: string): EngineError | TemporaryError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = messageOf(error);
  const reason = [code, message].filter((text) => text !== '').join(': ') || 'the connection broke';
  const failure: Failure = { code: 'serverUnreachable', host, reason };
  // A proxy that asks for a name and a password asks again.
  if (certificateCodes.test(code) || message.includes('(407)')) return new EngineError(failure, { cause: error });
  return new TemporaryError(failure, null, { cause: error });
}
