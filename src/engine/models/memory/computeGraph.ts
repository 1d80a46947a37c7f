import { buildAttention, type GraphInputs, type StepSize } from './attentionGraph.js';
import { buildExperts, buildFeedForward } from './feedForwardGraph.js';
import type { NetworkShape } from './networkShape.js';
import { elsewhere, fresh, GraphOrder, type GraphTensor, inPlace, input, norm } from './tensorGraph.js';

/** Layers that are alike need the same places; the free blocks between them do after so many. */
const layersOfAKind = 4;
const int32 = 4;
const int64 = 8;
const f16 = 2;
const f32 = 4;

/**
 * The graph of the widest step of a model, in the order of llama.cpp v0.4.0: `models/llama.cpp`, `qwen2.cpp`, `qwen3.cpp` and
 * `deepseek2.cpp` with `llama-graph.cpp`. Other architectures are taken for the nearest of these.
 */
export function computeGraph(shape: NetworkShape, step: StepSize): GraphOrder {
  const order = new GraphOrder();
  const { embedding, latent } = shape;
  const { tokens, cells } = step;
  const row = [embedding, tokens];
  let stream = fresh(row, [elsewhere, input([tokens], int32)]);
  order.expand(stream);
  // The way in for ready embeddings is part of every graph.
  order.expand(input(row));
  const valueRows = step.flashAttention ? tokens : tokens * shape.kvHeads * shape.valueLength;
  const turning = step.rotates && latent?.absorbed !== true;
  const inputs: GraphInputs = {
    positions: input([tokens], int32),
    keyRows: input([tokens], int64),
    valueRows: input([valueRows], int64),
    mask: input([cells, tokens], step.flashAttention ? f16 : f32),
    keyTurn: turning ? hadamard(shape.keyLength) : null,
    valueTurn: turning ? hadamard(shape.valueLength) : null,
  };
  const chosen = input([tokens], int32);
  const { layers, experts } = shape;
  const dense = Math.trunc(Math.min(layers, experts?.leadingDense ?? layers));
  const kinds = [...Array<boolean>(Math.min(dense, layersOfAKind)).fill(false), ...Array<boolean>(Math.min(layers - dense, layersOfAKind)).fill(true)];
  for (const [index, routed] of kinds.entries()) {
    let before = stream;
    let attention = buildAttention(order, shape, step, inputs, norm(stream, row));
    if (index === kinds.length - 1) {
      attention = fresh(row, [attention, chosen]);
      before = fresh(row, [before, chosen]);
    }
    const middle = inPlace(row, [attention, before]);
    const normed = norm(middle, row);
    const out = routed && experts !== null ? buildExperts(order, embedding, tokens, experts, normed) : buildFeedForward(embedding, tokens, shape.feedForward, normed);
    stream = inPlace(row, [out, middle]);
  }
  order.expand(fresh([shape.vocabulary, tokens], [elsewhere, norm(stream, row)]));
  return order;
}

/** The largest power of two from 64 that divides the length; a cache with other lengths is not turned (`build_input_k_rot`). */
function hadamard(length: number): GraphTensor | null {
  if (length === 0 || length % 64 !== 0) return null;
  let size = 64;
  while (length % (size * 2) === 0) size *= 2;
  return input([size, size]);
}
