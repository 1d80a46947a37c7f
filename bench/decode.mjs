// Decode speed through the whole path beside bare node-llama-cpp and llama.cpp's own benchmark, in turns, so that all meet the same load.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { hostCpuFlags } from '../native/hostCpu.mjs';
import { buildLlamaBench } from '../native/llamaBench.mjs';
import { hasToolchain } from '../native/toolchain.mjs';
import { median, quantile } from './statistics.mjs';

const execute = promisify(execFile);
const tokens = 48;
const questions = ['Write a function that adds two numbers.', 'Write a class for a queue with tests.', ...Array.from({ length: 100 }, (_, index) => `Tell me more about number ${index}.`)];

/** A question whose answer does not end by itself before it has been measured: a few tokens say nothing about the speed. */
async function longAnswered(seekpod, client) {
  for (const question of questions) {
    const { result } = await seekpod.measureChat(client, 'warm', question, tokens);
    if (result.finish === 'length') return question;
  }
  throw new Error(`no question has an answer of ${tokens} tokens`);
}

export async function decode({ root, model, seekpod, threads: asked, rounds, say }) {
  const yardstick = hasToolchain() && process.platform === 'linux' && process.arch === 'x64' ? await buildLlamaBench(root, hostCpuFlags(), say) : undefined;
  const client = seekpod.openClient(root);
  await client.configure(seekpod.benchOptions(model, asked));
  const question = await longAnswered(seekpod, client);
  const { threads, contextSize } = seekpod.chatModel(client);
  const whole = [];
  const worker = [];
  const bare = [];
  const reference = [];
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds} with ${threads} threads`);
    let promptTokens = 0;
    // The first turn after the others' is not counted: caches are cold and cores asleep.
    for (let turn = 0; turn < 6; turn++) {
      const { result, tokensPerSecond } = await seekpod.measureChat(client, 'warm', question, tokens);
      if (turn > 0) {
        whole.push(tokensPerSecond);
        worker.push(result.stats.decodeTokensPerSecond);
      }
      promptTokens = result.stats.promptTokens;
    }
    const settings = { runtime: path.join(root, 'dist', 'node_modules'), model, threads, contextSize, sequences: seekpod.benchSlots, promptTokens, tokens, rounds: 6 };
    const { stdout } = await execute(process.execPath, [path.join(import.meta.dirname, 'bareDecode.mjs'), JSON.stringify(settings)], { env: { ...process.env, UV_THREADPOOL_SIZE: '2' } });
    bare.push(...JSON.parse(stdout).decode.slice(1));
    if (yardstick !== undefined) {
      const output = await execute(yardstick, ['-m', model, '-t', String(threads), '-p', '0', '-n', String(tokens), '-d', String(promptTokens), '-r', '5', '-o', 'json']);
      reference.push(...JSON.parse(output.stdout).flatMap(({ samples_ts: samples }) => samples));
    }
  }
  client.dispose();
  const rate = (what, values) => [
    { what: `${what}, ${threads} threads, median`, value: median(values), unit: 'tokens/s' },
    { what: `${what}, ${threads} threads, best`, value: quantile(values, 0.9), unit: 'tokens/s' },
  ];
  // Other programs only ever take speed away: the best runs say most about the code, the medians about the day.
  const best = (values) => quantile(values, 0.9);
  const ratios = (other, values) => [
    { what: `whole path ÷ ${other}, best runs`, value: best(whole) / best(values), unit: 'ratio', aim: '≥ 0.97' },
    { what: `whole path ÷ ${other}, medians`, value: median(whole) / median(values), unit: 'ratio', aim: '≥ 0.97' },
  ];
  return [
    ...rate('whole path', whole),
    ...rate('worker alone', worker),
    ...rate('bare node-llama-cpp', bare),
    ...ratios('bare node-llama-cpp', bare),
    ...(reference.length === 0 ? [] : [...rate('llama-bench with OpenMP', reference), ...ratios('llama-bench', reference)]),
  ];
}
