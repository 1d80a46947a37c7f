import { flashAttention } from '../src/engine/models/memory/kvTypes.js';
import { kvBytesPerLayer } from '../src/engine/models/memory/memoryEstimate.js';
import { modelCost } from '../src/engine/pod/core/placement/modelCost.js';
import { place } from '../src/engine/pod/core/placement/placement.js';
import { deepseekV3 } from '../test/support/deepseekV3.js';
import { gigabyte, ours, randomNumbers, remote } from '../test/support/placementExamples.js';

/** Plans DeepSeek-V3 over random machines `rounds` times; returns the milliseconds of each, and how many machines had a part at most. */
export function measurePlacement(machines: number, rounds: number): { readonly times: readonly number[]; readonly parts: number } {
  const header = deepseekV3();
  const model = modelCost([header], kvBytesPerLayer(header.metadata), flashAttention(header.metadata, 'f16') !== false);
  const random = randomNumbers(machines);
  const times: number[] = [];
  let parts = 0;
  for (let round = 0; round < rounds; round++) {
    const crowd = Array.from({ length: machines }, (_, index) =>
      remote(`machine ${index}`, {
        usableBytes: (8 + 184 * random()) * gigabyte,
        bandwidth: (50 + 750 * random()) * gigabyte,
        layerOverhead: 5e-5 * random(),
        link: { roundTrip: 1e-3 * random(), throughput: gigabyte * (0.1 + random()) },
      }),
    );
    const begun = performance.now();
    const { pod } = place([ours('gpu', { usableBytes: 64 * gigabyte }), ...crowd], model, { tokens: 8_192, slots: 1, batchSize: 512 });
    times.push(performance.now() - begun);
    parts = Math.max(parts, pod?.parts.length ?? 0);
  }
  return { times, parts };
}
