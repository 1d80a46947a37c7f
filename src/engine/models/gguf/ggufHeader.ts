import { ggmlTypes, unknownTypeName } from './ggmlTypes.js';
import { damaged, GgufError, GgufReader, type ReadBytes } from './ggufReader.js';

/** An array of the metadata; its items are kept if it is a short one of numbers, since vocabularies have 100,000 and more. */
export interface GgufArray {
  readonly length: number;
  readonly numbers: readonly number[] | null;
  /** The tokens of the vocabulary that end in `>`: those that stand for something, as `<｜fim▁begin｜>`, are among them. */
  readonly marks?: ReadonlySet<string>;
}
/** Integers beyond 2^53 are rounded: no key that matters has them. */
export type GgufValue = number | boolean | string | GgufArray;

export interface GgufTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly type: number;
  /** From the start of the tensor data. */
  readonly offset: number;
  readonly bytes: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** The number that GGUF has for the type of each value: native code may end the process over one that it does not expect. */
  readonly types: ReadonlyMap<string, number>;
  readonly tensors: readonly GgufTensor[];
  /** Where the tensor data begins. */
  readonly dataOffset: number;
  /** Where the last tensor ends: a smaller file is truncated. */
  readonly endOffset: number;
}

// Real files stay far below: DeepSeek-R1 has about 1,100 tensors, 60 keys and 130,000 tokens.
const mostKeys = 65_536;
const mostTensors = 262_144;
const mostItems = 16_777_216;
const mostTextBytes = 64 * 1_024 * 1_024;
const keptTextBytes = 1_024 * 1_024;
const mostKeyBytes = 65_535;
/** `GGML_MAX_NAME` with its terminating zero. */
const mostNameBytes = 63;
const mostHeaderBytes = 256 * 1_024 * 1_024;
const keptNumbers = 4_096;
const keptMarks = 16_384;
const mostMarkBytes = 64;
const vocabularyKey = 'tokenizer.ggml.tokens';
const endOfMark = '>'.charCodeAt(0);

const magic = 0x46554747; // 'GGUF'
const stringType = 8;
const arrayType = 9;

/** The fixed-size value types of the GGUF specification: bytes and how to read them. */
const scalars: ReadonlyMap<number, { readonly bytes: number; readonly read: (view: DataView) => number | boolean }> = new Map([
  [0, { bytes: 1, read: (view: DataView) => view.getUint8(0) }],
  [1, { bytes: 1, read: (view: DataView) => view.getInt8(0) }],
  [2, { bytes: 2, read: (view: DataView) => view.getUint16(0, true) }],
  [3, { bytes: 2, read: (view: DataView) => view.getInt16(0, true) }],
  [4, { bytes: 4, read: (view: DataView) => view.getUint32(0, true) }],
  [5, { bytes: 4, read: (view: DataView) => view.getInt32(0, true) }],
  [6, { bytes: 4, read: (view: DataView) => view.getFloat32(0, true) }],
  [7, { bytes: 1, read: (view: DataView) => view.getUint8(0) !== 0 }],
  [10, { bytes: 8, read: (view: DataView) => Number(view.getBigUint64(0, true)) }],
  [11, { bytes: 8, read: (view: DataView) => Number(view.getBigInt64(0, true)) }],
  [12, { bytes: 8, read: (view: DataView) => view.getFloat64(0, true) }],
]);

/**
 * Reads the header of a GGUF file (versions 2 and 3, little-endian): metadata and where the tensors are.
 * Every length is checked against the file and against a limit before memory is taken for it. Throws `GgufError`.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function readGgufHeader(read: ReadBytes, fileBytes: number): Promise<GgufHeader> {
  const reader = new GgufReader(read, fileBytes);
  if (fileBytes < 4) throw new GgufError({ kind: 'notGguf' });
  await reader.fill(4);
  if (reader.u32() !== magic) throw new GgufError({ kind: 'notGguf' });
  if (!reader.has(20)) await reader.fill(20);
  const version = reader.u32();
  if (version !== 2 && version !== 3) throw damaged(`GGUF version ${version} is not known`);
  const tensorCount = reader.count('the number of tensors', mostTensors);
  const keyCount = reader.count('the number of keys', mostKeys);

  const metadata = new Map<string, GgufValue>();
  const types = new Map<string, number>();
  for (let i = 0; i < keyCount; i++) {
    const key = await readName(reader, mostKeyBytes);
    if (metadata.has(key)) throw damaged(`the key ${key} is there twice`);
    if (!reader.has(4)) await reader.fill(4);
    const type = reader.u32();
    types.set(key, type);
    metadata.set(key, await readValue(reader, key, type));
    if (reader.offset > mostHeaderBytes) throw damaged('the metadata has no end');
  }

  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || alignment < 1 || alignment > 65_536 || !Number.isInteger(Math.log2(alignment))) throw damaged('the alignment is no power of two');
  const tensors: GgufTensor[] = [];
  for (let i = 0; i < tensorCount; i++) tensors.push(await readTensor(reader, alignment));

  const dataOffset = align(reader.offset, alignment);
  const endOffset = tensors.reduce((end, tensor) => Math.max(end, dataOffset + tensor.offset + tensor.bytes), dataOffset);
  return { version, metadata, types, tensors, dataOffset, endOffset };
}

const align = (offset: number, alignment: number): number => Math.ceil(offset / alignment) * alignment;

async function readName(reader: GgufReader, limit: number): Promise<string> {
  if (!reader.has(8)) await reader.fill(8);
  const length = reader.count('the length of a name', limit);
  if (!reader.has(length)) await reader.fill(length);
  return reader.text(length);
}

/** A long text is not kept: no key that matters has one, and old files hold a whole tokenizer in one. */
async function readText(reader: GgufReader): Promise<string> {
  if (!reader.has(8)) await reader.fill(8);
  const length = textLength(reader);
  if (length > keptTextBytes) {
    reader.skip(length);
    return '';
  }
  if (!reader.has(length)) await reader.fill(length);
  return reader.text(length);
}

async function readValue(reader: GgufReader, key: string, type: number): Promise<GgufValue> {
  if (type === stringType) return readText(reader);
  if (type === arrayType) return readArray(reader, key);
  const scalar = scalars.get(type);
  if (scalar === undefined) throw damaged(`the key ${key} has the unknown type ${type}`);
  if (!reader.has(scalar.bytes)) await reader.fill(scalar.bytes);
  return scalar.read(reader.view(scalar.bytes));
}

async function readArray(reader: GgufReader, key: string): Promise<GgufArray> {
  if (!reader.has(12)) await reader.fill(12);
  const type = reader.u32();
  const length = reader.count(`the length of ${key}`, mostItems);
  if (type === stringType) {
    if (key === vocabularyKey) return { length, numbers: null, marks: await readMarks(reader, length) };
    for (let i = 0; i < length; i++) {
      if (!reader.has(8)) await reader.fill(8);
      reader.skip(textLength(reader));
    }
    return { length, numbers: null };
  }
  const scalar = scalars.get(type);
  if (scalar === undefined) throw damaged(`the array ${key} has items of the type ${type}`);
  if (length > keptNumbers) {
    reader.skip(length * scalar.bytes);
    return { length, numbers: null };
  }
  if (!reader.has(length * scalar.bytes)) await reader.fill(length * scalar.bytes);
  return { length, numbers: Array.from({ length }, () => Number(scalar.read(reader.view(scalar.bytes)))) };
}

async function readMarks(reader: GgufReader, length: number): Promise<ReadonlySet<string>> {
  const marks = new Set<string>();
  for (let i = 0; i < length; i++) {
    if (!reader.has(8)) await reader.fill(8);
    const bytes = textLength(reader);
    if (bytes === 0 || bytes > mostMarkBytes || marks.size === keptMarks) {
      reader.skip(bytes);
      continue;
    }
    if (!reader.has(bytes)) await reader.fill(bytes);
    if (reader.peek(bytes - 1) === endOfMark) marks.add(reader.text(bytes));
    else reader.skip(bytes);
  }
  return marks;
}

function textLength(reader: GgufReader): number {
  if (reader.offset > mostHeaderBytes) throw damaged('the metadata has no end');
  return reader.count('the length of a text', mostTextBytes);
}

function unknownType(name: string, type: number): GgufError {
  const called = unknownTypeName(type);
  return called === null ? damaged(`the tensor ${name} has no type but ${type}`) : new GgufError({ kind: 'unknownType', type: called });
}

async function readTensor(reader: GgufReader, alignment: number): Promise<GgufTensor> {
  const name = await readName(reader, mostNameBytes);
  if (!reader.has(4)) await reader.fill(4);
  const rank = reader.u32();
  if (rank > 4) throw damaged(`the tensor ${name} has ${rank} dimensions`);
  if (!reader.has(rank * 8 + 12)) await reader.fill(rank * 8 + 12);
  const dimensions = Array.from({ length: rank }, () => reader.count(`a dimension of ${name}`, Number.MAX_SAFE_INTEGER));
  const type = reader.u32();
  const offset = reader.count(`the offset of ${name}`, Number.MAX_SAFE_INTEGER);
  const layout = ggmlTypes.get(type);
  if (layout === undefined) throw unknownType(name, type);
  if ((dimensions[0] ?? 1) % layout.block !== 0) throw damaged(`the tensor ${name} has no whole blocks`);
  if (offset % alignment !== 0) throw damaged(`the tensor ${name} is not aligned`);
  const bytes = dimensions.reduce((product, size) => product * size, layout.bytes / layout.block);
  if (!Number.isSafeInteger(bytes) || !Number.isSafeInteger(offset + bytes)) throw damaged(`the tensor ${name} is too large to exist`);
  return { name, dimensions, type, offset, bytes };
}
