// What the tunnel costs beside ggml's RPC on loopback, in turns so that all meet the same load of the machine.
import { defaultShape } from '../syntheticModel.mjs';
import { median } from '../statistics.mjs';

const tokens = 32;
/** Three layers of a 7B model: most of its bytes are in tensors that a lender keeps. */
const largeLayers = { embedding: 4_096, feedForward: 11_008, blocks: 3, heads: 32, context: 1_024 };
const gigabit = 125e6;

const atLeast = (value, aim) => ({ value, aim: `≥ ${aim}`, reached: value >= aim });
const atMost = (value, aim) => ({ value, aim: `≤ ${aim}`, reached: value <= aim });

export async function bulk({ rig, rounds }) {
  const lender = await rig.lender();
  const portOf = (endpoint) => Number(endpoint.split(':')[1]);
  const raw = [];
  const tunnel = [];
  for (let round = 0; round < rounds; round++) {
    raw.push((await rig.bulk(lender.raw)) / 1e9);
    tunnel.push((await rig.bulk(portOf(await rig.tunnel(lender)))) / 1e9);
  }
  return [
    { what: 'raw RPC on loopback', value: median(raw), unit: 'GB/s' },
    { what: 'tunnel on loopback', unit: 'GB/s', ...atLeast(median(tunnel), 1) },
    { what: 'tunnel ÷ raw RPC', value: median(tunnel) / median(raw), unit: 'ratio' },
  ];
}

/** Local, raw RPC and tunnel, on one and two lenders: a model whose tokens take milliseconds shows what a token costs at most. */
export async function rates(bench) {
  return ratesWith(bench, bench.model('decode.gguf', defaultShape));
}

/** The same with layers of the size that is worth spreading. */
export async function large(bench) {
  return ratesWith(bench, bench.model('layers-of-7b.gguf', largeLayers));
}

async function ratesWith({ rig, rounds, say }, { file, layers }) {
  const lenders = await Promise.all(Array.from({ length: 6 }, () => rig.lender()));
  const raw = (at) => `127.0.0.1:${lenders[at].raw}`;
  const tunnel = (at) => rig.tunnel(lenders[at]);
  const ways = {
    local: [],
    'raw RPC, 1 hop': [raw(0)],
    'tunnel, 1 hop': [await tunnel(1)],
    'raw RPC, 2 hops': [raw(2), raw(3)],
    'tunnel, 2 hops': [await tunnel(4), await tunnel(5)],
  };
  const measured = await measureInTurns({ rig, file, layers, ways, rounds, say });
  const ratio = (what, of, unit) => median(measured[what][unit]) / median(measured[of][unit]);
  return [
    ...ratesOf(measured),
    { what: 'tunnel ÷ raw RPC, 1 hop, decode', unit: 'ratio', ...atLeast(ratio('tunnel, 1 hop', 'raw RPC, 1 hop', 'decode'), 0.97) },
    { what: 'tunnel ÷ raw RPC, 1 hop, prompt', unit: 'ratio', ...atLeast(ratio('tunnel, 1 hop', 'raw RPC, 1 hop', 'prompt'), 0.95) },
    { what: 'tunnel ÷ raw RPC, 2 hops, decode', unit: 'ratio', ...atLeast(ratio('tunnel, 2 hops', 'raw RPC, 2 hops', 'decode'), 0.97) },
    { what: 'tunnel ÷ raw RPC, 2 hops, prompt', unit: 'ratio', ...atLeast(ratio('tunnel, 2 hops', 'raw RPC, 2 hops', 'prompt'), 0.95) },
    { what: 'tunnel, 1 hop ÷ local, decode', value: ratio('tunnel, 1 hop', 'local', 'decode'), unit: 'ratio' },
    { what: 'tunnel, 2 hops ÷ local, decode', value: ratio('tunnel, 2 hops', 'local', 'decode'), unit: 'ratio' },
  ];
}

/** The same over links of different round trips. */
export async function links({ rig, model, rounds, say }) {
  const { file, layers } = model('decode.gguf', defaultShape);
  const ways = {};
  for (const roundTripMs of [0, 0.3, 1, 5]) {
    const lender = await rig.lender();
    ways[`tunnel, ${roundTripMs} ms`] = [await rig.tunnel(await rig.link(lender, { roundTripMs }))];
  }
  const measured = await measureInTurns({ rig, file, layers, ways, rounds, say });
  const decode = (way) => median(measured[way].decode);
  return [
    ...ratesOf(measured),
    ...Object.keys(ways)
      .slice(1)
      .map((way) => ({ what: `${way} ÷ 0 ms, decode`, value: decode(way) / decode('tunnel, 0 ms'), unit: 'ratio' })),
  ];
}

/** The first load sends the weights; the next one finds them on the lender's disk. */
export async function load({ rig, model, rounds, say }) {
  const { file, layers } = model('layers-of-7b.gguf', largeLayers);
  const rows = [];
  for (const [name, link] of [['loopback', {}], ['1 Gbit/s', { bytesPerSecond: gigabit }]]) {
    const first = [];
    const cached = [];
    for (let round = 0; round < Math.min(rounds, 3); round++) {
      say(`${name}, round ${round + 1}`);
      const lender = await rig.link(await rig.lender({ cache: true }), link);
      for (const times of [first, cached]) {
        const loaded = await rig.worker(file, [await rig.tunnel(lender)], { layers, contextSize: 256 });
        times.push(loaded.seconds);
        rig.close(loaded.worker);
        await loaded.worker.exited;
      }
    }
    rows.push(
      { what: `${name}: first load`, value: median(first), unit: 's' },
      { what: `${name}: cached load`, value: median(cached), unit: 's' },
      { what: `${name}: cached ÷ first`, unit: 'ratio', ...atMost(median(cached) / median(first), 0.2) },
    );
  }
  return rows;
}

async function measureInTurns({ rig, file, layers, ways, rounds, say }) {
  const loaded = {};
  const measured = {};
  for (const [name, endpoints] of Object.entries(ways)) {
    loaded[name] = await rig.worker(file, endpoints, { layers });
    measured[name] = { prompt: [], decode: [] };
  }
  // The first round is not counted: caches are cold and cores asleep.
  for (let round = 0; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    for (const [name, way] of Object.entries(loaded)) {
      const { prompt, decode } = await rig.measure(way, round, tokens);
      if (round === 0) continue;
      measured[name].prompt.push(prompt);
      measured[name].decode.push(decode);
    }
  }
  for (const { worker } of Object.values(loaded)) rig.close(worker);
  return measured;
}

const ratesOf = (measured) =>
  Object.entries(measured).flatMap(([name, { prompt, decode }]) => [
    { what: `${name}: decode`, value: median(decode), unit: 'tokens/s' },
    { what: `${name}: prompt`, value: median(prompt), unit: 'tokens/s' },
  ]);
