import type { FileRefusal } from '../../../base/errors.js';
import { readUint64, writeUint64 } from '../guard/littleEndian.js';

// One request on a `file` connection, and its answer. Numbers are little-endian.
//   request  32 bytes SHA-256 of the whole file, 8 bytes offset, 8 bytes length; a length of 0 asks whether the file is there
//   answer   1 byte: 1, or why not; 8 bytes: size of the file, 0 where it is refused; then the bytes from the offset on, as many as
//            were asked for, but no more than `mostAnswerBytes`, and none beyond the end of the file
// The answer's end is the connection's end.

export interface FileRequest {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly offset: number;
  readonly length: number;
}

export type FileAnswer = { readonly kind: 'given'; readonly fileBytes: number } | { readonly kind: 'refused'; readonly reason: FileRefusal };

export const requestBytes = 48;
export const answerHeadBytes = 9;
/** So that a connection has an end, and the conditions of sharing are looked at again. */
export const mostAnswerBytes = 256 * 1_024 * 1_024;

const given = 1;
const refusals: Readonly<Record<FileRefusal, number>> = { unknownFile: 2, notAllowed: 3, busy: 4, unreadable: 5 };
const hashBytes = 32;

export function encodeRequest({ sha256, offset, length }: FileRequest): Uint8Array {
  const bytes = new Uint8Array(requestBytes);
  for (let i = 0; i < hashBytes; i++) bytes[i] = Number.parseInt(sha256.slice(2 * i, 2 * i + 2), 16);
  bytes.set(writeUint64(offset, length), hashBytes);
  return bytes;
}

/** Every 48 bytes are a request; numbers above 2^53 are only about right, and larger than any file. */
export function decodeRequest(bytes: Uint8Array): FileRequest {
  const sha256 = [...bytes.subarray(0, hashBytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { sha256, offset: readUint64(bytes, hashBytes), length: readUint64(bytes, hashBytes + 8) };
}

export function encodeAnswer(answer: FileAnswer): Uint8Array {
  return answer.kind === 'given' ? Uint8Array.of(given, ...writeUint64(answer.fileBytes)) : Uint8Array.of(refusals[answer.reason], ...writeUint64(0));
}

/** `null` for what is no answer. */
export function decodeAnswer(bytes: Uint8Array): FileAnswer | null {
  const fileBytes = readUint64(bytes, 1);
  if (bytes[0] === given) return Number.isSafeInteger(fileBytes) ? { kind: 'given', fileBytes } : null;
  const reason = (Object.keys(refusals) as FileRefusal[]).find((name) => refusals[name] === bytes[0]);
  return reason === undefined ? null : { kind: 'refused', reason };
}

/** How many bytes follow the head of an answer. */
export function answerBytes({ offset, length }: Pick<FileRequest, 'offset' | 'length'>, fileBytes: number): number {
  return Math.max(0, Math.min(length, mostAnswerBytes, fileBytes - offset));
}
