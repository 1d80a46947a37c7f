/** An unsigned 32-bit number. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}

/** An unsigned 64-bit number; above 2^53 only roughly, which is enough to compare it with a bound. */
export function readUint64(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at + 4) * 0x1_0000_0000 + readUint32(bytes, at);
}

/** An unsigned 64-bit number that stands for something, such as an address: 16 hexadecimal digits. */
export function readHandle(bytes: Uint8Array, at: number): string {
  return readUint32(bytes, at + 4).toString(16).padStart(8, '0') + readUint32(bytes, at).toString(16).padStart(8, '0');
}

/** 64-bit numbers one after another. */
export function writeUint64(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, index) => view.setBigUint64(index * 8, BigInt(value), true));
  return new Uint8Array(view.buffer);
}

/** No buffer, as `readHandle` gives it. */
export const nullHandle = '0'.repeat(16);
