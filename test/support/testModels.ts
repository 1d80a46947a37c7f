import path from 'node:path';
import { ensureSyntheticModel } from '../../bench/syntheticModel.mjs';
import { calfFile } from './workerProcess.js';

const folder = path.resolve('out/test-models');

/** 48 MB in twelve layers with random weights: slow enough for something to happen in the middle of an answer. */
export function layeredModel(): string {
  return ensureSyntheticModel(path.join(folder, 'layered-12x512.gguf'), calfFile, { embedding: 512, feedForward: 1_408, blocks: 12, heads: 8, context: 4_096 });
}

/** 120 MB in three layers, of which most tensors are over the 10 MiB that a lender keeps. */
export function wideModel(): string {
  return ensureSyntheticModel(path.join(folder, 'wide-3x1024.gguf'), calfFile, { embedding: 1_024, feedForward: 9_728, blocks: 3, heads: 16, context: 512 });
}
