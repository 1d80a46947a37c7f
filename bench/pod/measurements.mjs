// What the tunnel costs beside ggml's RPC on loopback, in turns so that all meet the same load of the machine.
import { defaultShape } from '../syntheticModel.mjs';
import { median } from '../statistics.mjs';

const tokens = 64;
const warmUpTokens = 8;
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
  return ratesWith({ ...bench, rounds: Math.min(bench.rounds, 3) }, bench.model('layers-of-7b.gguf', largeLayers));
}

async function ratesWith({ rig, rounds, say }, { file, layers }) {
  const lenders = [await rig.lender(), await rig.lender()];
  const raw = lenders.map((lender) => `127.0.0.1:${lender.raw}`);
  const tunnels = [await rig.tunnel(lenders[0]), await rig.tunnel(lenders[1])];
  const ways = {
    local: [],
    'raw RPC, 1 hop': raw.slice(0, 1),
    'tunnel, 1 hop': tunnels.slice(0, 1),
    'raw RPC, 2 hops': raw,
    'tunnel, 2 hops': tunnels,
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
  const measured = Object.fromEntries(Object.keys(ways).map((name) => [name, { prompt: [], decode: [] }]));
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    // Loaded anew each time: which pages of memory a process gets makes a tenth of its speed, and a server has one client at a time.
    for (const [name, endpoints] of Object.entries(ways)) {
      const way = await rig.worker(file, endpoints, { layers });
      // The first answer is not counted: caches are cold and cores asleep.
      await rig.measure(way, 0, warmUpTokens);
      const { prompt, decode } = await rig.measure(way, round, tokens);
      measured[name].prompt.push(prompt);
      measured[name].decode.push(decode);
      rig.close(way.worker);
      await way.worker.exited;
    }
  }
  return measured;
}

const ratesOf = (measured) =>
  Object.entries(measured).flatMap(([name, { prompt, decode }]) => [
    { what: `${name}: decode`, value: median(decode), unit: 'tokens/s' },
    { what: `${name}: prompt`, value: median(prompt), unit: 'tokens/s' },
  ]);
