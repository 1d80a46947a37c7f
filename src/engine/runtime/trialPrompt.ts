import { type Role } from '../base/errors.js';
import type { GenerationEvent, GenerationResult, GenerationStats, Sampling } from '../protocol/engineTypes.js';
import type { GenerationRequest } from './workerClient.js';

/** Whoever answers: a worker, or the runtime with its pod. */
export interface Answering {
  generate(generation: GenerationRequest, report: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult>;
  countTokens(role: Role, text: string, signal: AbortSignal): Promise<number>;
}

/** Tokens of the prompt where the context has the room, and most tokens of the answer. */
const promptTokens = 512;
const answerTokens = 96;
/** For what a chat template puts around the prompt, and because tokens are counted of a sample. */
const spareTokens = 128;
/** A context that has the room. */
export const trialContextSize = 1_024;
/** Fewer say little about the speed: the model has ended by itself. */
const enough = 32;
const attempts = 3;

/** The most likely token every time, so that one run is like the next. */
const greedy: Sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 0 };
const warmUpTokens = 4;
const ignored = (): void => undefined;

/**
 * Has a prompt of about 512 tokens read and up to 96 tokens answered, and says what that cost. Before it a few tokens are made that
 * do not count: the first pass reads the weights from the disk. A model that has nothing to say gets another text. In a small context
 * the prompt is shorter.
 */
export async function measureAnswer(answering: Answering, role: Role, contextSize: number, signal: AbortSignal): Promise<GenerationStats> {
  await answering.generate(requestOf(role, 'warm-up', linesOf('Zero', 4), warmUpTokens), ignored, signal);
  let best: GenerationStats | null = null;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const name = `Text ${attempt}`;
    const lines = await lineCount(answering, role, name, Math.max(1, Math.min(promptTokens, contextSize - answerTokens - spareTokens)), signal);
    const { stats } = await answering.generate(requestOf(role, name, linesOf(name, lines), answerTokens), ignored, signal);
    if (best === null || stats.generatedTokens > best.generatedTokens) best = stats;
    if (stats.generatedTokens >= enough) break;
  }
  if (best === null) throw new RangeError('a trial has at least one attempt');
  return best;
}

/** How many lines make so many tokens with this model's vocabulary. */
async function lineCount(answering: Answering, role: Role, name: string, wanted: number, signal: AbortSignal): Promise<number> {
  const sample = 32;
  const tokens = await answering.countTokens(role, linesOf(name, sample), signal);
  return Math.max(1, Math.round((wanted * sample) / Math.max(1, tokens)));
}

/** Numbered code that has not ended. The name comes first, so that no earlier prompt is a beginning of it. */
function linesOf(name: string, count: number): string {
  const line = (_: unknown, index: number): string => `const value${index} = compute(${index}, '${name}');`;
  return [`// ${name}`, ...Array.from({ length: count }, line)].join('\n');
}

function requestOf(role: Role, name: string, text: string, maxTokens: number): GenerationRequest {
  const slot = `benchmark ${name}`;
  if (role === 'completion') return { role, request: { slot, prompt: { context: [], prefix: `${text}\n`, suffix: '\n', tail: 'const ' }, maxTokens, sampling: greedy } };
  return { role, request: { slot, turns: [{ role: 'user', text: `${text}\nGo on with 100 more lines of this kind.` }], maxTokens, sampling: greedy } };
}
