import { EngineError, type Failure, failureOf } from '../../base/errors.js';
import type { Lora } from '../../protocol/engineTypes.js';
import type { GgufHeader } from './ggufHeader.js';
import { loraProblem } from './loraAdapter.js';
import { type ModelFile, readGgufFile } from './modelFile.js';

/**
 * Looks at the adapters for a model before native code does, which says little of what is wrong and ends the process over some of it.
 * Answers their headers. Fails with `loraFailed`.
 */
export async function checkAdapters(adapters: readonly Lora[], model: ModelFile, signal: AbortSignal): Promise<readonly GgufHeader[]> {
  const headers: GgufHeader[] = [];
  for (const { path } of adapters) {
    const { header } = await readGgufFile(path, signal).catch((error: unknown) => {
      const failure = failureOf(error);
      if (failure.code === 'cancelled') throw error;
      throw new EngineError({ code: 'loraFailed', path, reason: fileProblem(failure) }, { cause: error });
    });
    const reason = loraProblem(header, model.headers);
    if (reason !== null) throw new EngineError({ code: 'loraFailed', path, reason });
    headers.push(header);
  }
  return headers;
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
