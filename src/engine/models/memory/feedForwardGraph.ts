import type { ExpertShape } from './networkShape.js';
import { elsewhere, fresh, type GraphOrder, type GraphTensor, inPlace, part, reshaped, stored } from './tensorGraph.js';

/** A gated feed-forward network (`build_ffn` with SwiGLU). */
export function buildFeedForward(embedding: number, tokens: number, width: number, of: GraphTensor): GraphTensor {
  const inner = [width, tokens];
  const up = fresh(inner, [elsewhere, of]);
  const gate = fresh(inner, [elsewhere, of]);
  return fresh([embedding, tokens], [elsewhere, fresh(inner, [gate, up])]);
}

/** Routed experts with those that take part always (`build_moe_ffn`). */
export function buildExperts(order: GraphOrder, embedding: number, tokens: number, experts: ExpertShape, of: GraphTensor): GraphTensor {
  const { count, used, feedForward } = experts;
  const scores = [count, tokens];
  const probabilities = inPlace(scores, [fresh(scores, [elsewhere, of])]);
  const biased = experts.biased ? inPlace(scores, [probabilities, elsewhere]) : probabilities;
  const selection = experts.groups > 1 ? withinGroups(experts, tokens, biased) : biased;
  const chosen = part(fresh(scores, [selection]), [used, tokens], 0, 'top');
  let weights = fresh([1, used, tokens], [reshaped(probabilities, [1, count, tokens]), chosen]);
  if (experts.normalized) {
    const flat = reshaped(weights, [used, tokens]);
    weights = reshaped(inPlace([used, tokens], [flat, inPlace([1, tokens], [fresh([1, tokens], [flat])])]), [1, used, tokens]);
  }
  if (experts.scaled) weights = inPlace([1, used, tokens], [weights]);
  order.expand(weights);

  const inner = [feedForward, used, tokens];
  const cur = reshaped(of, [embedding, 1, tokens]);
  const up = fresh(inner, [elsewhere, cur, chosen]);
  const gate = fresh(inner, [elsewhere, cur, chosen]);
  const down = fresh([embedding, used, tokens], [elsewhere, fresh(inner, [gate, up]), chosen]);
  const weighted = inPlace([embedding, used, tokens], [down, weights]);
  order.expand(weighted);
  const views = Array.from({ length: used }, (_, index) => part(weighted, [embedding, tokens], index, 'expert'));
  for (const view of views) order.expand(view);
  const [first, ...others] = views;
  if (first === undefined) return of;
  let sum = others.length === 0 ? fresh([embedding, tokens], [first]) : first;
  for (const view of others) {
    sum = inPlace([embedding, tokens], [sum, view]);
    order.expand(sum);
  }
  return experts.shared === 0 ? sum : inPlace([embedding, tokens], [sum, buildFeedForward(embedding, tokens, experts.shared, of)]);
}

/** Scores of the experts outside the best groups are masked (DeepSeek-V3). */
function withinGroups({ count, groups, groupsUsed }: ExpertShape, tokens: number, scores: GraphTensor): GraphTensor {
  const size = count / groups;
  const byGroup = reshaped(scores, [size, groups, tokens]);
  const best = part(fresh([size, groups, tokens], [byGroup]), [2, groups, tokens], 0, 'top');
  const two = fresh([1, 2, groups, tokens], [reshaped(byGroup, [1, size, groups, tokens]), best]);
  const sums = reshaped(fresh([1, groups, tokens], [reshaped(two, [2, groups, tokens])]), [groups, tokens]);
  const chosen = part(fresh([groups, tokens], [sums]), [groupsUsed, tokens], 0, 'top');
  const kept = fresh([size, groupsUsed, tokens], [byGroup, chosen]);
  const masked = inPlace([size, groups, tokens], [byGroup]);
  return reshaped(stored(kept, chosen, masked), [count, tokens]);
}
