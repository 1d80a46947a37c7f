import { EngineError, type Failure, failureOf } from '../base/errors.js';
import { loraProblem } from '../models/gguf/loraAdapter.js';
import { type ModelFile, readGgufFile } from '../models/gguf/modelFile.js';
import type { Lora } from '../protocol/engineTypes.js';

/**
 * Looks at the adapters for a model before native code does, which says little of what is wrong and ends the process over some of it.
 * Answers the bytes of them all. Fails with `loraFailed`.
 */
export async function checkAdapters(adapters: readonly Lora[], model: ModelFile, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for (const { path } of adapters) {
    const file = await readGgufFile(path, signal).catch((error: unknown) => {
      const failure = failureOf(error);
      if (failure.code === 'cancelled') throw error;
      throw new EngineError({ code: 'loraFailed', path, reason: fileProblem(failure) }, { cause: error });
    });
    const reason = loraProblem(file.header, model.headers);
    if (reason !== null) throw new EngineError({ code: 'loraFailed', path, reason });
    bytes += file.bytes;
  }
  return bytes;
}

function fileProblem(failure: Failure): string {
  switch (failure.code) {
    case 'modelNotFound':
      return 'there is no such file';
    case 'notGguf':
      return 'it is not a GGUF file';
    case 'modelTruncated':
      return `it has ${failure.actualBytes} of ${failure.expectedBytes} bytes`;
    case 'unsupportedQuantization':
      return `it has weights of the type ${failure.type}`;
    default:
      return 'reason' in failure ? failure.reason : failure.code;
  }
}
