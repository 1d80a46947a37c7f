// What a user waits for: a second window, a load, a first token, a suggestion.
import { median, quantile } from './statistics.mjs';

const question = 'Write a function that adds two numbers.';
const before = `import fs from 'node:fs';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

`;
const trace = `export function add(a: number, b: number): number {
  return a + b;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
`;

/** From nothing to the daemon's answer, for a window that is not the first. */
export async function attach({ root, model, seekpod, threads, rounds }) {
  const first = seekpod.openClient(root);
  await first.configure(seekpod.benchOptions(model, threads));
  await first.diagnostics();
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const second = seekpod.openClient(root);
    await second.diagnostics();
    times.push(performance.now() - begun);
    second.dispose();
  }
  first.dispose();
  return [{ what: 'second window to the daemon', value: median(times), unit: 'ms', aim: '≤ 300' }];
}

export async function load({ root, model, seekpod, threads, rounds }) {
  const client = seekpod.openClient(root);
  await client.configure(seekpod.benchOptions(model, threads));
  await client.diagnostics();
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    await client.load('chat', new AbortController().signal);
    times.push(performance.now() - begun);
    await client.unload('chat');
  }
  client.dispose();
  return [{ what: 'model load, worker start included', value: median(times), unit: 'ms' }];
}

export async function chat({ root, model, seekpod, threads, rounds }) {
  const client = seekpod.openClient(root);
  await client.configure(seekpod.benchOptions(model, threads));
  await client.load('chat', new AbortController().signal);
  const cold = [];
  const cached = [];
  for (let round = 0; round < rounds; round++) {
    cold.push((await seekpod.measureChat(client, `slot ${round}`, `${question} (${round})`.repeat(8), 4)).firstTextMs);
    cached.push((await seekpod.measureChat(client, `slot ${round}`, `${question} (${round})`.repeat(8), 4)).firstTextMs);
  }
  client.dispose();
  return [
    { what: 'time to first token, cold slot', value: median(cold), unit: 'ms' },
    { what: 'time to first token, prompt in the KV cache', value: median(cached), unit: 'ms' },
  ];
}

export async function typing({ root, model, seekpod, threads }) {
  const client = seekpod.openClient(root);
  await client.configure(seekpod.benchOptions(model, threads));
  await client.load('completion', new AbortController().signal);
  const keystrokes = await seekpod.replay(client, before, trace);
  client.dispose();
  const of = (...names) => keystrokes.filter(({ outcome }) => names.some((name) => outcome.startsWith(name)));
  const [cold] = keystrokes;
  const warm = keystrokes.slice(1).filter(({ outcome, evaluatedTokens }) => evaluatedTokens > 0 && !outcome.startsWith('typedThrough'));
  const through = of('typedThrough');
  const latency = (what, rows, more = {}) => [
    { what: `${what}, p50 of ${rows.length}`, value: quantile(rows.map(({ latencyMs }) => latencyMs), 0.5), unit: 'ms', ...more },
    { what: `${what}, p95 of ${rows.length}`, value: quantile(rows.map(({ latencyMs }) => latencyMs), 0.95), unit: 'ms', ...more },
  ];
  return [
    { what: 'first keystroke, cold (debounce included)', value: cold.latencyMs, unit: 'ms' },
    { what: 'first keystroke, tokens evaluated', value: cold.evaluatedTokens, unit: 'tokens' },
    ...latency('asked the model, warm (debounce included)', warm),
    { what: 'asked the model, warm: tokens evaluated, p50', value: quantile(warm.map(({ evaluatedTokens }) => evaluatedTokens), 0.5), unit: 'tokens' },
    { what: 'asked the model, warm: tokens evaluated, p95', value: quantile(warm.map(({ evaluatedTokens }) => evaluatedTokens), 0.95), unit: 'tokens' },
    ...latency('typed through', through, { aim: '≤ 10' }),
    { what: 'keystrokes that cost the model nothing', value: (100 * keystrokes.filter(({ evaluatedTokens }) => evaluatedTokens === 0).length) / keystrokes.length, unit: '%' },
  ];
}
