import type { GgufHeader, GgufValue } from '../../src/engine/models/gguf/ggufHeader.js';

/** A vocabulary of so many tokens with some that stand for something. */
export const vocabulary = (length: number, ...marks: readonly string[]): GgufValue => ({ length, numbers: null, marks: new Set(marks) });

/** The header of a model in one file, without weights. */
export function headersOf(metadata: Readonly<Record<string, GgufValue>>, tensors: GgufHeader['tensors'] = []): readonly GgufHeader[] {
  return [{ version: 3, metadata: new Map(Object.entries(metadata)), types: new Map(), tensors, dataOffset: 0, endOffset: 0 }];
}
