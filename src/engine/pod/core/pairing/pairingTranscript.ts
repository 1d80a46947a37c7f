// Commit, reveal, compare: the numeric comparison of Bluetooth's Secure Simple Pairing (Core Specification, volume 2, part H, 7.2).
// The asking side is bound to its nonce before it sees the other's, and both keys are part of everything that is hashed. Whoever
// stands in between has other keys, and can therefore only guess nonces whose digits are equal: one chance in a million a try.

/** SHA-256 of some bytes. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

/** A value of either side, 32 bytes in hexadecimal: a fingerprint or a nonce. */
export interface BothSides {
  readonly asking: string;
  readonly asked: string;
}

/** Binds the asking side to its nonce for these two keys. Hexadecimal. */
export function commitmentTo(sha256: Sha256, fingerprints: BothSides, nonce: string): string {
  return toHex(sha256(transcript('seekpod pairing commitment 1', fingerprints.asking, fingerprints.asked, nonce)));
}

/** The six decimal digits that both screens show. */
export function pairingDigits(sha256: Sha256, fingerprints: BothSides, nonces: BothSides): string {
  const hash = sha256(transcript('seekpod pairing digits 1', fingerprints.asking, fingerprints.asked, nonces.asking, nonces.asked));
  // 64 bits modulo a million: no number of digits is likelier than another by more than one part in 10^13.
  const number = new DataView(hash.buffer, hash.byteOffset, hash.byteLength).getBigUint64(0) % 1_000_000n;
  return number.toString().padStart(6, '0');
}

/** The parts one after the other. All but the purpose have 32 bytes, and no purpose is the beginning of another: each can be read in one way only. */
function transcript(purpose: string, ...values: readonly string[]): Uint8Array {
  return Uint8Array.from([...new TextEncoder().encode(purpose), ...values.flatMap(fromHex)]);
}

function fromHex(value: string): number[] {
  if (!/^[0-9a-f]{64}$/.test(value)) throw new TypeError('not 32 bytes in hexadecimal');
  return (value.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
