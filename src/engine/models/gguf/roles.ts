import type { ModelRole } from '../../protocol/modelTypes.js';
import type { GgufHeader, GgufValue } from './ggufHeader.js';
import { hasFimTokens } from './fimTokens.js';

type Headers = readonly Pick<GgufHeader, 'metadata'>[];

const words = {
  /** Trained to reason before it answers. */
  reasoning: /\b(?:r1|qwq|reason(?:er|ing)?|think(?:ing)?|o1)\b/,
  /** Trained to answer. */
  chat: /\b(?:instruct|chat|it|assistant|dpo|sft|rlhf)\b/,
  /** Only pre-trained. */
  base: /\b(?:base|pt|pretrained|fim|completion)\b/,
};

/**
 * What a model is for. The catalogue knows its own models; any other is judged by its name (that in the file, and the file's) and by
 * what its vocabulary and its chat template can do. A model that says it reasons or answers is not for completion, even with
 * fill-in-the-middle tokens: those of instruct models are left over from their base.
 */
export function rolesOf(headers: Headers, fileName: string, known: { readonly roles: readonly ModelRole[] } | null = null): ModelRole[] {
  if (known !== null) return [...known.roles];
  const metadata: ReadonlyMap<string, GgufValue> = headers[0]?.metadata ?? new Map();
  const text = (key: string): string => {
    const value = metadata.get(key);
    return typeof value === 'string' ? value : '';
  };
  const name = ['general.name', 'general.basename', 'general.finetune'].map(text).concat(fileName).join(' ').toLowerCase().replace(/[_./-]+/g, ' ');
  const template = text('tokenizer.chat_template');
  if (words.reasoning.test(name)) return ['reasoning'];
  if (words.chat.test(name)) return thinks(template) ? ['chat', 'reasoning'] : ['chat'];
  if (words.base.test(name)) return ['completion'];
  const talks: ModelRole[] = thinks(template) ? ['chat', 'reasoning'] : ['chat'];
  if (!hasFimTokens(metadata)) return talks;
  return template === '' ? ['completion'] : ['completion', ...talks];
}

/** Whether a chat template knows of thoughts. */
function thinks(template: string): boolean {
  return template.includes('</think>') || template.includes('enable_thinking');
}
