import { type FileHandle, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { throwIfAborted } from '../../base/async.js';
import { EngineError, type Failure, hasErrorCode } from '../../base/errors.js';
import { isSupportedArchitecture } from './architectures.js';
import { ggufFailure } from './ggufFailure.js';
import { type GgufHeader, readGgufHeader } from './ggufHeader.js';
import { GgufError, type ReadBytes } from './ggufReader.js';

/** A model on disk that is whole and of an architecture that can be run. */
export interface ModelFile {
  readonly architecture: string;
  /** All parts together. */
  readonly fileBytes: number;
  /** One header per part; the first one has the metadata. */
  readonly headers: readonly GgufHeader[];
}

/** `name-00001-of-00003.gguf`: how llama.cpp splits a model into parts. */
const partName = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;
const mostParts = 1_000;

/**
 * Looks at a model file, all its parts if it has several, before native code does. Fails with `modelNotFound`, `modelUnreadable`,
 * `notGguf`, `modelDamaged`, `modelTruncated` or `unsupportedArchitecture`.
 */
export async function checkModelFile(file: string, signal: AbortSignal): Promise<ModelFile> {
  const first = await readPart(file, signal);
  const architecture = first.header.metadata.get('general.architecture');
  if (typeof architecture !== 'string') throw new EngineError({ code: 'modelDamaged', path: file, reason: 'it does not say its architecture' });
  if (!isSupportedArchitecture(architecture)) throw new EngineError({ code: 'unsupportedArchitecture', path: file, architecture: architecture.slice(0, 64) });
  if (first.header.tensors.length === 0) throw new EngineError({ code: 'modelDamaged', path: file, reason: 'it has no weights' });

  const parts = [first];
  for (const other of otherParts(file, first.header)) parts.push(await readPart(other, signal));
  return { architecture, fileBytes: parts.reduce((sum, part) => sum + part.fileBytes, 0), headers: parts.map((part) => part.header) };
}

function otherParts(file: string, header: GgufHeader): readonly string[] {
  const count = header.metadata.get('split.count');
  if (typeof count !== 'number' || count <= 1) return [];
  const name = partName.exec(path.basename(file));
  if (name === null || Number(name[3]) !== count || count > mostParts) {
    throw new EngineError({ code: 'modelDamaged', path: file, reason: `it is one of ${count} parts, and its name does not say which` });
  }
  if (Number(name[2]) !== 1) throw new EngineError({ code: 'modelDamaged', path: file, reason: `it is part ${name[2]} of ${count}; choose the first part` });
  const part = (index: number): string => path.join(path.dirname(file), `${name[1]}-${String(index).padStart(5, '0')}-of-${name[3]}.gguf`);
  return Array.from({ length: count - 1 }, (_, index) => part(index + 2));
}

async function readPart(file: string, signal: AbortSignal): Promise<{ readonly header: GgufHeader; readonly fileBytes: number }> {
  let handle: FileHandle | null = null;
  let fileBytes = 0;
  try {
    // Looked at before it is opened: opening a pipe waits for somebody to write into it.
    const facts = await stat(file);
    if (!facts.isFile()) throw new EngineError({ code: 'modelUnreadable', path: file, reason: 'it is not a file' });
    fileBytes = facts.size;
    handle = await open(file, 'r');
    const header = await readGgufHeader(reading(handle, signal), fileBytes);
    if (header.endOffset > fileBytes) throw new EngineError({ code: 'modelTruncated', path: file, expectedBytes: header.endOffset, actualBytes: fileBytes });
    return { header, fileBytes };
  } catch (error) {
    throw failure(file, fileBytes, error);
  } finally {
    await handle?.close();
  }
}

function reading(handle: FileHandle, signal: AbortSignal): ReadBytes {
  return async (offset, length) => {
    throwIfAborted(signal);
    const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
}

function failure(file: string, actualBytes: number, error: unknown): EngineError {
  if (EngineError.is(error)) return error;
  const because = (reason: Failure): EngineError => new EngineError(reason, { cause: error });
  if (error instanceof GgufError) return because(ggufFailure(error.problem, file, actualBytes));
  if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return because({ code: 'modelNotFound', path: file });
  return because({ code: 'modelUnreadable', path: file, reason: error instanceof Error ? error.message : String(error) });
}
