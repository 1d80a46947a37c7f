import { setImmediate } from 'node:timers/promises';
import { type Graphs, tensorTypes } from '../ggml/graph.js';
import type { Handle } from '../ggml/native.js';
import { type DeviceSpeed, type LayerTime, speedOf } from './layerSpeed.js';

/** The shape of a stack of layers. */
interface Shape {
  readonly layers: number;
  readonly embedding: number;
  readonly feedForward: number;
}

/** Its weights are next to nothing, so that what is left is what a layer costs anyway: starting and joining its operations. */
const tiny: Shape = { layers: 16, embedding: 64, feedForward: 64 };
/** More than the caches of a processor hold (0.2 GB), then so much that a fast GPU too spends its time on reading it (1.7 GB). */
const large: readonly Shape[] = [
  { layers: 16, embedding: 1_024, feedForward: 2_816 },
  { layers: 8, embedding: 4_096, feedForward: 11_008 },
];
/** Cells of the KV cache that a layer looks at. */
const cells = 256;
const epsilon = 1e-5;
/** As numbers of every type in use this is neither denormal nor close to overflow. */
const filling = 0x3c;
const warmUps = 2;
/** Enough runs that one is undisturbed, unless the device is so slow or the machine so busy that they take too long. */
const enoughRuns = 5;
const enoughMs = 250;
const tooLongMs = 1_000;
const tensorsPerLayer = 40;

/**
 * Measures how a device decodes: the time of a layer of llama's shape with 8-bit weights for one token, at sizes far apart.
 * `null` when the device cannot be opened or has no room. The event loop gets a turn after each run.
 */
export async function measureDevice(graphs: Graphs, device: Handle, freeBytes: number, prepare: (backend: Handle) => void): Promise<DeviceSpeed | null> {
  const backend = graphs.openDevice(device);
  if (backend === null) return null;
  try {
    prepare(backend);
    const small = await timeLayer(graphs, backend, tiny);
    let speed: DeviceSpeed | null = null;
    for (const shape of large) {
      if (small === null || weightBytes(shape) * 2 > freeBytes) break;
      const big = await timeLayer(graphs, backend, shape);
      if (big === null) break;
      speed = speedOf(small, big);
      // Reading is most of the time: a larger one would say the same.
      if (big.seconds > 2 * small.seconds) break;
    }
    return speed;
  } finally {
    graphs.closeDevice(backend);
  }
}

/** Q8_0 has 34 bytes for 32 weights. */
function weightBytes({ layers, embedding, feedForward }: Shape): number {
  return ((layers * (4 * embedding * embedding + 3 * embedding * feedForward)) / 32) * 34;
}

/** Seconds of one layer in the best run, as what else the machine does at the moment says nothing about later, and the bytes that it reads; `null` without room. */
async function timeLayer(graphs: Graphs, backend: Handle, shape: Shape): Promise<LayerTime | null> {
  const context = graphs.newContext(shape.layers * tensorsPerLayer);
  let buffer: Handle | null = null;
  try {
    const { output, bytes } = buildLayers(graphs, context, shape);
    const graph = graphs.graphOf(context, output);
    buffer = graphs.allocate(context, backend);
    if (buffer === null) return null;
    graphs.fill(buffer, filling);
    const times: number[] = [];
    let total = 0;
    for (let run = 0; times.length === 0 || (total < tooLongMs && (times.length < enoughRuns || total < enoughMs)); run++) {
      const begun = performance.now();
      if (!graphs.compute(backend, graph)) return null;
      const time = performance.now() - begun;
      if (run >= warmUps) {
        times.push(time);
        total += time;
      }
      await setImmediate();
    }
    return { seconds: Math.min(...times) / 1_000 / shape.layers, bytes: bytes / shape.layers };
  } finally {
    if (buffer !== null) graphs.freeBuffer(buffer);
    graphs.freeContext(context);
  }
}

/** Layers as llama.cpp builds them for one token, with stand-ins of the same cost for rotation and cache writes. */
function buildLayers(graphs: Graphs, context: Handle, { layers, embedding, feedForward }: Shape): { readonly output: Handle; readonly bytes: number } {
  let bytes = 0;
  const weights = (columns: number, rows: number, type: number = tensorTypes.q8_0): Handle => {
    const matrix = graphs.matrix(context, type, columns, rows);
    bytes += graphs.bytes(matrix);
    return matrix;
  };
  const apply = (columns: number, rows: number, input: Handle): Handle => graphs.multiply(context, weights(columns, rows), input);
  const normalised = (input: Handle): Handle => graphs.multiplyElements(context, graphs.normalise(context, input, epsilon), graphs.vector(context, embedding));
  let state = graphs.vector(context, embedding);
  for (let layer = 0; layer < layers; layer++) {
    const input = normalised(state);
    const query = graphs.scale(context, apply(embedding, embedding, input), 1);
    const key = graphs.scale(context, apply(embedding, embedding, input), 1);
    const value = apply(embedding, embedding, input);
    const scores = graphs.softMax(context, graphs.multiply(context, weights(embedding, cells, tensorTypes.f16), query));
    const seen = graphs.multiply(context, weights(cells, embedding, tensorTypes.f16), scores);
    const attention = graphs.add(context, graphs.add(context, seen, value), key);
    state = graphs.add(context, state, apply(embedding, embedding, attention));
    const hidden = normalised(state);
    const gate = graphs.silu(context, apply(embedding, feedForward, hidden));
    const up = apply(embedding, feedForward, hidden);
    state = graphs.add(context, state, apply(feedForward, embedding, graphs.multiplyElements(context, gate, up)));
  }
  return { output: state, bytes };
}
