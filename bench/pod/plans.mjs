// Predicted beside measured tokens per second of real plans: daemons in network namespaces, with the whole path between them.
import { whyNoNamespaces } from '../../test/support/namespaces.mjs';
import { defaultShape } from '../syntheticModel.mjs';
import { median } from '../statistics.mjs';

const tokens = 64;
const tolerance = 0.2;
const never = new AbortController().signal;

export async function plans({ pieces, model, rounds, say }) {
  const reason = whyNoNamespaces();
  if (reason !== null) {
    say(`left out: ${reason}`);
    return [];
  }
  const { file } = model('decode.gguf', defaultShape);
  const rows = [];
  for (const lenders of [1, 2]) {
    const network = await pieces.TestNetwork.create(lenders + 1);
    const machines = [];
    try {
      for (const machine of network.machines) machines.push(await pieces.MachineDaemon.start(machine));
      const [here, ...others] = machines;
      for (const other of others) {
        await other.client.pod.share({ ...pieces.shareAll, memoryLimit: 0 });
        await here.pairWith(other);
      }
      const preview = await here.client.pod.plan(pieces.roleFor(file, 1_024), never);
      if (lenders === 1) rows.push(row('this machine alone', preview.local.tokensPerSecond, await rate(here, { chat: pieces.roleFor(file, 1_024) }, pieces, rounds)));
      if (preview.pod === null) throw new Error(`no plan over ${lenders + 1} machines`);
      const what = preview.pod.parts.map(({ name, layers }) => `${name} ${layers.first}–${layers.last}`).join(', ');
      rows.push(row(`${lenders} paired: ${what}`, preview.pod.tokensPerSecond, await rate(here, { pod: pieces.roleFor(file, 1_024) }, pieces, rounds)));
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
