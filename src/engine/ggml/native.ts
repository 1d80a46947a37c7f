import type * as koffi from 'koffi';
import type { LibraryHandle } from 'koffi';
import { EngineError, messageOf } from '../base/errors.js';

/** koffi, which calls C functions. */
export type Koffi = typeof koffi;

/** A pointer that only the library that gave it can use. */
export type Handle = bigint;
export const nullHandle: Handle = 0n;

const unavailable = (error: unknown): EngineError =>
  new EngineError({ code: 'remoteLayersUnavailable', reason: messageOf(error) }, { cause: error });

/** Loaded when it is needed: a worker whose model is wholly on this machine does without it. Fails with `remoteLayersUnavailable`. */
export async function loadKoffi(): Promise<Koffi> {
  try {
    return await import('koffi');
  } catch (error) {
    throw unavailable(error);
  }
}

/** koffi unloads a library that nothing in JavaScript refers to any more, while ggml's registry still holds its devices. */
const loaded: LibraryHandle[] = [];

/** The library stays until the process ends. Fails with `remoteLayersUnavailable`. */
export function loadLibrary(api: Koffi, file: string): LibraryHandle {
  try {
    const library = api.load(file);
    loaded.push(library);
    return library;
  } catch (error) {
    throw unavailable(error);
  }
}

/** Runs a native function in a thread of its own, so that the event loop goes on. */
export function inThread<R>(start: (done: (error: unknown, result: R) => void) => void): Promise<R> {
  return new Promise((resolve, reject) => {
    start((error, result) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
}
