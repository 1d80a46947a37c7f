import type { FileOffer, ModelOffer, ModelRole, Trap } from '../../protocol/modelTypes.js';

/**
 * Tokens per second below which a role is no fun: a completion of a line must be there before the next key, an answer should come as
 * fast as it is read, and a reasoning model thinks for hundreds of tokens before it says anything.
 */
const fastEnough: Readonly<Record<ModelRole, number>> = { completion: 20, chat: 8, reasoning: 12 };

/** Traps with which a file is of no use for a role. */
const spoils: Readonly<Record<ModelRole, readonly Trap[]>> = {
  completion: ['oldTokenizer', 'noFimTokens'],
  chat: ['oldTokenizer', 'noChatTemplate'],
  reasoning: ['oldTokenizer', 'noChatTemplate'],
};

/** A file that nobody can verify has to be faster by this to be worth it. */
const unverifiedShare = 0.9;

interface Candidate {
  readonly file: FileOffer;
  readonly tier: number;
  readonly score: number;
}

/** The offers with the best file for each role marked: of those that run and are fast enough the most capable one. */
export function recommend(offers: readonly ModelOffer[]): ModelOffer[] {
  const best = new Map<FileOffer, ModelRole[]>();
  for (const role of ['completion', 'chat', 'reasoning'] as const) {
    const candidates = offers.flatMap((offer) => candidatesOf(offer, role));
    const [first] = candidates.toSorted((a, b) => b.tier - a.tier || b.score - a.score);
    if (first !== undefined) best.set(first.file, [...(best.get(first.file) ?? []), role]);
  }
  return offers.map((offer) => ({ ...offer, files: offer.files.map((file) => ({ ...file, recommendedFor: best.get(file) ?? [] })) }));
}

function candidatesOf(offer: ModelOffer, role: ModelRole): Candidate[] {
  if (!offer.roles.includes(role) || offer.unsupported !== null || (role === 'completion' && !offer.fim)) return [];
  return offer.files
    .filter(({ fit, traps }) => fit.verdict !== 'tooLarge' && !traps.some((trap) => spoils[role].includes(trap)))
    .map((file) => ({ file, ...rank(offer, file, fastEnough[role]) }));
}

/** Fast ones by what they can; where the speed is not known the smallest is the safest, and of slow ones the fastest the best. */
function rank(offer: ModelOffer, file: FileOffer, floor: number): Pick<Candidate, 'tier' | 'score'> {
  const rate = file.fit.tokensPerSecond;
  if (rate === null) return { tier: 1, score: -file.bytes };
  if (rate < floor) return { tier: 0, score: file.verified ? rate : rate * unverifiedShare };
  return { tier: 2, score: capability(offer, file) + 0.25 * Math.min(2, Math.log2(rate / floor)) };
}

/**
 * What a model can, in doublings of its size. One with routed experts is about as capable as a dense one of the geometric mean of all
 * and active parameters. Fewer bits per weight cost little down to five and much below three, by the perplexities of llama.cpp's
 * k-quants (https://github.com/ggml-org/llama.cpp/pull/1684). A shorter context and a file that nobody can verify count a little.
 */
function capability({ parameters }: ModelOffer, { bytes, fit, verified }: FileOffer): number {
  const size = Math.log2(Math.max(1, Math.sqrt(parameters.total * parameters.active)));
  const bits = parameters.total > 0 ? (bytes * 8) / parameters.total : 0;
  const lost = bits > 0 ? 1.5 * 2 ** (2.5 - bits) : 0;
  return size - lost - (fit.verdict === 'smallerContext' ? 0.3 : 0) - (verified ? 0 : 0.1);
}
