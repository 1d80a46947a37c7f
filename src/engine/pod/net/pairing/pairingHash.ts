import { createHash, randomBytes } from 'node:crypto';
import type { Sha256 } from '../../core/pairing/pairingTranscript.js';

export const sha256: Sha256 = (data) => createHash('sha256').update(data).digest();

/** 32 bytes that nobody can guess, in hexadecimal. */
export function newNonce(): string {
  return randomBytes(32).toString('hex');
}
