import type { ServerResponse } from 'node:http';

/** What the hub does wrong with one request. Offsets are those of the file, not of the piece. */
export type HubFault =
  /** Another status, as 416, 429 and 503 are. `retryAfter` is the header, in seconds or as a date. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** Another redirect than the right one. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** The connection ends before this byte, whatever was promised. */
  | { readonly kind: 'drop'; readonly at: number }
  /** Nothing comes from this byte on, and the connection stays. */
  | { readonly kind: 'stall'; readonly at: number }
  /** One bit of this byte is another one. */
  | { readonly kind: 'wrongByte'; readonly at: number }
  /** The answer is in order by its own word, but it has so many bytes less (or more, if negative) than the piece. */
  | { readonly kind: 'wrongLength'; readonly fewer: number }
  /** Says that the file has so many bytes. */
  | { readonly kind: 'wrongTotal'; readonly total: number }
  /** Another piece than the one that was asked for. */
  | { readonly kind: 'wrongPiece'; readonly by: number }
  /** The whole file whatever is asked for. */
  | { readonly kind: 'noRanges' }
  /** The whole file, and no word of its length. */
  | { readonly kind: 'noLength' }
  /** Another ETag, as for another file. */
  | { readonly kind: 'otherFile' }
  /** So many bytes per second on this connection. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number };

export interface HubAnswer {
  readonly bytes: Buffer;
  readonly first: number;
  readonly last: number;
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string>>;
  readonly fault: HubFault | null;
  readonly method?: string;
}

const chunkBytes = 64 * 1_024;

/** Sends a piece of a file, with what goes wrong. */
export function sendBody(response: ServerResponse, { bytes, first, last, status, headers, fault, method = 'GET' }: HubAnswer): void {
  if (fault?.kind === 'status') {
    response.writeHead(fault.status, fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }).end();
    return;
  }
  if (fault?.kind === 'redirect') {
    response.writeHead(302, { location: fault.location }).end();
    return;
  }
  const shift = fault?.kind === 'wrongPiece' ? fault.by : 0;
  const fewer = fault?.kind === 'wrongLength' ? fault.fewer : 0;
  const [from, to] = [first + shift, last + shift - fewer];
  const total = fault?.kind === 'wrongTotal' ? fault.total : bytes.length;
  response.writeHead(status, {
    ...headers,
    ...(fault?.kind === 'noLength' ? {} : { 'content-length': String(to - from + 1) }),
    ...(status === 206 ? { 'content-range': `bytes ${from}-${to}/${total}` } : {}),
  });
  if (method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  const piece = Buffer.alloc(Math.max(0, to - from + 1));
  bytes.copy(piece, 0, from, to + 1);
  if (fault?.kind === 'wrongByte' && fault.at >= from && fault.at <= to) piece.writeUInt8(piece.readUInt8(fault.at - from) ^ 1, fault.at - from);
  const stop = fault?.kind === 'drop' || fault?.kind === 'stall' ? fault.at - from : Number.POSITIVE_INFINITY;
  if (stop < 0 || stop >= piece.length) {
    if (fault?.kind === 'slow') sendSlowly(response, piece, fault.bytesPerSecond);
    else response.end(piece);
    return;
  }
  const sent = (): void => {
    if (fault?.kind === 'drop') response.socket?.destroy();
  };
  if (stop === 0) setImmediate(sent);
  else response.write(piece.subarray(0, stop), sent);
}

function sendSlowly(response: ServerResponse, piece: Buffer, bytesPerSecond: number): void {
  const step = Math.max(1, Math.min(chunkBytes, Math.ceil(bytesPerSecond / 20)));
  let at = 0;
  const timer = setInterval(() => {
    response.write(piece.subarray(at, at + step));
    at += step;
    if (at < piece.length) return;
    clearInterval(timer);
    response.end();
  }, (step * 1_000) / bytesPerSecond);
  response.once('close', () => clearInterval(timer));
}
