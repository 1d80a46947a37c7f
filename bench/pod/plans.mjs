// Predicted beside measured tokens per second of real plans: daemons in network namespaces, with the whole path between them.
import os from 'node:os';
import { whyNoNamespaces } from '../../test/support/namespaces.mjs';
import { defaultShape } from '../syntheticModel.mjs';
import { median } from '../statistics.mjs';

const tokens = 64;
const tolerance = 0.2;
/** Bytes that make a model of 231 MB need three machines. */
const little = { here: 200e6, lender: 200e6 };
const never = new AbortController().signal;

/** Each machine has cores of its own: threads that wait for their next piece of work would take them from another machine's. */
function coresOf(index, machines) {
  const each = Math.floor(os.availableParallelism() / machines);
  return each === 0 ? {} : { cores: `${index * each}-${(index + 1) * each - 1}` };
}

export async function plans({ pieces, model, rounds, say }) {
  const reason = whyNoNamespaces();
  if (reason !== null) {
    say(`left out: ${reason}`);
    return [];
  }
  const { file } = model('decode.gguf', defaultShape);
  const fixed = pieces.roleFor(file, 1_024);
  // As many threads as the worker takes by itself: so the speed was measured too.
  const role = { ...fixed, model: { ...fixed.model, threads: 0 } };
  const rows = [];
  for (const lenders of [1, 2]) {
    const network = await pieces.TestNetwork.create(lenders + 1);
    const machines = [];
    try {
      for (const [index, machine] of network.machines.entries()) {
        const started = await pieces.MachineDaemon.start(machine, { ...(index === 0 && lenders > 1 ? { freeMemory: little.here } : {}), ...coresOf(index, lenders + 1) });
        machines.push(started);
        // A plan waits until the machine's speed has been measured: all of them are the same cores.
        await started.client.pod.plan(role, never);
      }
      const [here, ...others] = machines;
      for (const other of others) {
        await other.client.pod.share({ ...pieces.shareAll, memoryLimit: lenders > 1 ? little.lender : 0 });
        await here.pairWith(other);
      }
      const preview = await here.client.pod.plan(role, never);
      if (lenders === 1) rows.push(row('this machine alone', preview.local.tokensPerSecond, await rate(here, { chat: role }, pieces, rounds)));
      if (preview.pod === null) throw new Error(`no plan over ${lenders + 1} machines`);
      const what = preview.pod.parts.map(({ name, layers }) => `${name} ${layers.first}–${layers.last}`).join(', ');
      rows.push(row(`${lenders} paired: ${what}`, preview.pod.tokensPerSecond, await rate(here, { pod: role }, pieces, rounds)));
    } finally {
      for (const machine of machines) await machine.stop();
      network.dispose();
    }
  }
  return rows.flat();
}

async function rate(machine, options, pieces, rounds) {
  await machine.client.configure(pieces.podTestOptions(options));
  await machine.client.load('chat', never);
  const rates = [];
  for (let round = 0; round <= rounds; round++) {
    const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 1 };
    const { stats } = await machine.client.chat({ slot: 'bench', turns: [{ role: 'user', text: `Count from ${round}.` }], maxTokens: tokens, sampling }, () => undefined, never);
    if (round > 0) rates.push(stats.decodeTokensPerSecond);
  }
  return median(rates);
}

function row(what, predicted, measured) {
  const ratio = measured / predicted;
  return [
    { what: `${what}: predicted`, value: predicted, unit: 'tokens/s' },
    { what: `${what}: measured`, value: measured, unit: 'tokens/s' },
    { what: `${what}: measured ÷ predicted`, value: ratio, unit: 'ratio', aim: '0.8–1.2', reached: Math.abs(ratio - 1) <= tolerance },
  ];
}
