import type { EngineNotice } from '../protocol/engineTypes.js';
import type { LoadResult } from '../protocol/workerMessages.js';

/** What the user is told of a model that got less than it would have with more memory. */
export function reducedNotices({ completion, chat, reduced }: LoadResult): EngineNotice[] {
  if (!reduced) return [];
  return (['chat', 'completion'] as const).flatMap((role) => {
    const model = role === 'chat' ? chat : completion;
    return model === null ? [] : [{ kind: 'reduced', role, model: model.name, contextSize: model.contextSize, kvType: model.kvType }];
  });
}
