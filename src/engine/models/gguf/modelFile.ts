import type { FileHandle } from 'node:fs/promises';
import { throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { openRegularFile, type RegularFile } from '../../base/regularFile.js';
import { totalBytes } from '../../base/totalBytes.js';
import { isSupportedArchitecture } from './architectures.js';
import { ggufFailure } from './ggufFailure.js';
import { type GgufHeader, readGgufHeader } from './ggufHeader.js';
import { GgufError, type ReadBytes } from './ggufReader.js';
import { splitName } from './splitName.js';
import { unreadableModel } from './unreadableModel.js';

/** A model on disk that is whole and of an architecture that can be run. */
export interface ModelFile {
  readonly architecture: string;
  /** All parts together. */
  readonly fileBytes: number;
  /** One header per part; the first one has the metadata. */
  readonly headers: readonly GgufHeader[];
  /** The files, in the same order. */
  readonly parts: readonly { readonly path: string; readonly bytes: number }[];
}

/**
 * Looks at a model file, all its parts if it has several, before native code does. Fails with `modelNotFound`, `modelUnreadable`,
 * `notGguf`, `modelDamaged`, `modelTruncated`, `unsupportedArchitecture` or `unsupportedQuantization`.
 */
export async function checkModelFile(file: string, signal: AbortSignal): Promise<ModelFile> {
  const first = await readGgufFile(file, signal);
  const architecture = first.header.metadata.get('general.architecture');
  if (typeof architecture !== 'string') throw new EngineError({ code: 'modelDamaged', path: file, reason: 'it does not say its architecture' });
  if (!isSupportedArchitecture(architecture)) throw new EngineError({ code: 'unsupportedArchitecture', path: file, architecture: architecture.slice(0, 64) });

  const parts = [first];
  for (const other of otherParts(file, first.header)) parts.push(await readGgufFile(other, signal));
  // The first part of several may have the metadata alone.
  if (parts.every((part) => part.header.tensors.length === 0)) throw new EngineError({ code: 'modelDamaged', path: file, reason: 'it has no weights' });
  return {
    architecture,
    fileBytes: totalBytes(parts),
    headers: parts.map((part) => part.header),
    parts: parts.map(({ path, bytes }) => ({ path, bytes })),
  };
}

function otherParts(file: string, header: GgufHeader): readonly string[] {
  const count = header.metadata.get('split.count');
  if (typeof count !== 'number' || count <= 1) return [];
  const split = splitName(file);
  if (split?.names.length !== count) throw new EngineError({ code: 'modelDamaged', path: file, reason: `it is one of ${count} parts, and its name does not say which` });
  if (split.index !== 1) throw new EngineError({ code: 'modelDamaged', path: file, reason: `it is part ${split.index} of ${count}; choose the first part` });
  return split.names.slice(1);
}

/**
 * Looks at one file for itself, whatever its name and whether it is all of a model: it must be as long as its header says.
 * Fails with `modelNotFound`, `modelUnreadable`, `notGguf`, `modelDamaged`, `modelTruncated` or `unsupportedQuantization`.
 */
export async function readGgufFile(file: string, signal: AbortSignal): Promise<{ readonly path: string; readonly header: GgufHeader; readonly bytes: number }> {
  let opened: RegularFile | null = null;
  try {
    opened = await openRegularFile(file);
    const { handle, bytes } = opened;
    const header = await readGgufHeader(reading(handle, signal), bytes);
    if (header.endOffset > bytes) throw new EngineError({ code: 'modelTruncated', path: file, expectedBytes: header.endOffset, actualBytes: bytes });
    return { path: file, header, bytes };
  } catch (error) {
    throw failure(file, opened?.bytes ?? 0, error);
  } finally {
    await opened?.handle.close();
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
  return error instanceof GgufError ? new EngineError(ggufFailure(error.problem, file, actualBytes), { cause: error }) : unreadableModel(file, error);
}
