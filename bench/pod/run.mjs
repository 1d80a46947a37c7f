// `npm run bench:pod [-- --only NAME] [--rounds N] [--threads N]`: what tunnel and pod cost, on this machine, as ratios of one run.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { ensureSyntheticModel } from '../syntheticModel.mjs';
import { bulk, large, links, load, rates } from './measurements.mjs';
import { plans } from './plans.mjs';
import { Rig } from './rig.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');
const benchmarks = { bulk, rates, large, links, load, plans };
const { values } = parseArgs({ options: { only: { type: 'string' }, threads: { type: 'string' }, rounds: { type: 'string', default: '5' } } });
const chosen = Object.entries(benchmarks).filter(([name]) => values.only === undefined || name === values.only);
if (chosen.length === 0) throw new Error(`no benchmark ${values.only}; there are ${Object.keys(benchmarks).join(', ')}`);

await promisify(execFile)(process.execPath, ['esbuild.mjs', '--production'], { cwd: root });
const bundle = path.join(root, 'out', 'bench', 'podPieces.mjs');
await esbuild.build({
  absWorkingDir: root, entryPoints: ['bench/pod/pieces.ts'], outfile: bundle, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning',
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  define: { __SEEKPOD_VERSION__: JSON.stringify(JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version) },
});
const pieces = await import(bundle);
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-bench-'));
// Two lenders, the worker and the tunnels have cores of their own, as on machines of their own.
const threads = Number(values.threads ?? Math.max(1, (os.availableParallelism() - 1) >> 1));
const machine = { cpu: os.cpus()[0]?.model, cores: os.availableParallelism(), threads, platform: `${process.platform}-${process.arch}`, node: process.version };
const model = (name, shape) => ({ file: ensureSyntheticModel(path.join(root, 'out', 'bench', name), path.join(root, 'models', 'calf-q8_0.gguf'), shape), layers: shape.blocks });
const results = [];
const rig = new Rig({ root, bundle, pieces, place, threads });
try {
  for (const [name, run] of chosen) {
    console.error(`${name} …`);
    for (const row of await run({ root, rig, pieces, model, rounds: Number(values.rounds), say: (text) => console.error(`  ${text}`) })) results.push({ benchmark: name, ...row });
  }
} finally {
  rig.dispose();
  fs.rmSync(place, { recursive: true, force: true });
}
console.log(`${machine.cpu}, ${machine.cores} cores, ${threads} threads per part, load ${os.loadavg()[0].toFixed(1)}`);
for (const { benchmark, what, value, unit, aim, reached } of results) {
  const verdict = reached === undefined ? '' : reached ? 'reached' : 'missed';
  console.log(`${benchmark.padEnd(6)} ${what.padEnd(66)} ${value.toFixed(unit === 'ratio' ? 3 : 1).padStart(9)} ${unit.padEnd(9)} ${(aim ?? '').padEnd(8)} ${verdict}`);
}
const file = path.join(root, 'bench', 'results', `pod-${new Date().toISOString().replaceAll(':', '-')}.json`);
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, `${JSON.stringify({ machine, results }, undefined, 2)}\n`);
console.log(path.relative(root, file));
process.exit(0);
