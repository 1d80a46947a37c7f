import fs from 'node:fs/promises';
import * as v from 'valibot';
import { storageFailure } from './errors.js';
import { readPrivateFile, replacePrivateFile } from './privateFile.js';

/** What a file of ours holds. `value` is `null` when there is none, or it was damaged; then `keptAs` is where it was set aside. */
export interface KeptJson<T> {
  readonly value: T | null;
  readonly keptAs: string | null;
}

/** Reads a JSON file of ours. A damaged one is set aside, so that nothing of it is lost by the next write. @throws EngineError `fileUnreadable`, `diskFull`, `storageFailed` */
export async function readKeptJson<T>(file: string, schema: v.GenericSchema<unknown, T>, maxBytes: number): Promise<KeptJson<T>> {
  const text = await readPrivateFile(file, maxBytes);
  if (text === null) return { value: null, keptAs: null };
  const parsed = v.safeParse(schema, parse(text));
  if (parsed.success) return { value: parsed.output, keptAs: null };
  const keptAs = `${file}.damaged-${Date.now()}`;
  try {
    await fs.rename(file, keptAs);
  } catch (error) {
    throw storageFailure(file, error);
  }
  return { value: null, keptAs };
}

/** Writes what `readKeptJson` reads, in lines that people can read too. @throws EngineError `diskFull`, `storageFailed` */
export function writeKeptJson(file: string, value: unknown): Promise<void> {
  return replacePrivateFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
