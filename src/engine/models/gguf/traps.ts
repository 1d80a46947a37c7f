import type { ModelRole, Trap } from '../../protocol/modelTypes.js';
import { hasFimTokens } from './fimTokens.js';
import type { GgufHeader, GgufValue } from './ggufHeader.js';
import { rolesOf } from './roles.js';

type Headers = readonly Pick<GgufHeader, 'metadata'>[];

/** What is known of a file beside its header, from the catalogue for instance. */
export interface KnownFile {
  /** What the model is for; by its header if it is left out. */
  readonly roles?: readonly ModelRole[];
  /** Whether its checksum is confirmed. */
  readonly verified?: boolean;
  /** Traps that the header does not show. */
  readonly traps?: readonly Trap[];
}

/** DeepSeek Coder's own vocabulary has 32,022 tokens, padded to 32,256; that of its successors has 100,000 and more. */
const coderVocabulary = 40_000;

/** The known traps that a model's file has. */
export function trapsOf(headers: Headers, known: KnownFile | null = null): Trap[] {
  const metadata: ReadonlyMap<string, GgufValue> = headers[0]?.metadata ?? new Map();
  const roles = known?.roles ?? rolesOf(headers, '');
  const found = new Set<Trap>(known?.traps);
  if (hasOldTokenizer(metadata)) found.add('oldTokenizer');
  if (hasFullAttentionCache(metadata)) found.add('fullAttentionCache');
  if (roles.includes('completion') && !hasFimTokens(metadata)) found.add('noFimTokens');
  if (roles.some((role) => role !== 'completion') && !metadata.has('tokenizer.chat_template')) found.add('noChatTemplate');
  return withVerification([...found], known?.verified === true);
}

/** The traps of a file, by whether its checksum is confirmed now. */
export function withVerification(traps: readonly Trap[], verified: boolean): Trap[] {
  const others = traps.filter((trap) => trap !== 'unverified');
  return verified ? others : [...others, 'unverified'];
}

/**
 * A vocabulary of byte pairs has a rule by which text is cut before the pairs are joined. Files from before llama.cpp knew the rules
 * (https://github.com/ggml-org/llama.cpp/pull/6920) do not name theirs and get one that the model was not trained with.
 */
function hasOldTokenizer(metadata: ReadonlyMap<string, GgufValue>): boolean {
  if (metadata.get('tokenizer.ggml.model') !== 'gpt2') return false;
  const rule = metadata.get('tokenizer.ggml.pre');
  if (rule === undefined || rule === '' || rule === 'default') return true;
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const isCoder = typeof tokens === 'object' && tokens.marks?.has('<｜fim▁begin｜>') === true && tokens.length > 32_000 && tokens.length < coderVocabulary;
  return isCoder && rule !== 'deepseek-coder';
}

/**
 * Files with latent attention that were converted before llama.cpp could keep the latent vectors alone
 * (https://github.com/ggml-org/llama.cpp/pull/12801): they keep keys and values of every head.
 */
function hasFullAttentionCache(metadata: ReadonlyMap<string, GgufValue>): boolean {
  return metadata.get('general.architecture') === 'deepseek2' && !metadata.has('deepseek2.attention.key_length_mla');
}
