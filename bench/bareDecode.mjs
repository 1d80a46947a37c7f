// Decodes with node-llama-cpp and nothing around it, in a process of its own; prints one line of JSON.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { runtime, model, threads, contextSize, sequences, promptTokens, tokens, rounds } = JSON.parse(process.argv[2]);
const { getLlama } = await import(pathToFileURL(path.join(runtime, 'node-llama-cpp', 'dist', 'index.js')).href);
const llama = await getLlama({ build: 'never', gpu: false, logLevel: 'error', maxThreads: 0 });
const loaded = await llama.loadModel({ modelPath: model });
const context = await loaded.createContext({ contextSize, sequences, batchSize: 512, threads });
const sequence = context.getSequence();
const prompt = Array.from({ length: promptTokens }, (_, index) => 100 + ((index * 37) % 5_000));
const decode = [];
const evaluate = [];
for (let round = 0; round < rounds; round++) {
  await sequence.clearHistory();
  const begun = performance.now();
  let first = 0;
  let made = 0;
  for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    if (made === 0) first = performance.now();
    if (made++ === tokens) break;
  }
  decode.push((tokens / (performance.now() - first)) * 1_000);
  evaluate.push((promptTokens / (first - begun)) * 1_000);
}
console.log(JSON.stringify({ decode, evaluate }));
process.exit(0);
