// `npm run bench [-- --model PATH] [--only NAME]`: measures on this machine, prints a table, writes bench/results/. Never part of the tests.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { benchmarks } from './benchmarks.mjs';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { model: { type: 'string' }, only: { type: 'string' }, threads: { type: 'string', default: '0' }, rounds: { type: 'string', default: '5' } } });
const model = path.resolve(values.model ?? path.join(root, 'models', 'calf-q8_0.gguf'));
const chosen = Object.entries(benchmarks).filter(([name]) => values.only === undefined || name === values.only);
if (chosen.length === 0) throw new Error(`no benchmark ${values.only}; there are ${Object.keys(benchmarks).join(', ')}`);

await promisify(execFile)(process.execPath, ['esbuild.mjs', '--production'], { cwd: root });
const bundle = path.join(root, 'out', 'bench', 'main.mjs');
await esbuild.build({
  absWorkingDir: root, entryPoints: ['bench/main.ts'], outfile: bundle, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning',
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  define: { __SEEKPOD_VERSION__: JSON.stringify(JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version) },
});
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-bench-'));
process.env.SEEKPOD_RUNTIME_DIR = path.join(place, 'run');
const seekpod = await import(bundle);
const machine = { cpu: os.cpus()[0]?.model, cores: os.availableParallelism(), platform: `${process.platform}-${process.arch}`, node: process.version };
const results = [];
try {
  for (const [name, run] of chosen) {
    console.error(`${name} …`);
    for (const row of await run({ root, model, seekpod, threads: Number(values.threads), rounds: Number(values.rounds), say: (text) => console.error(`  ${text}`) })) results.push({ benchmark: name, ...row });
  }
} finally {
  const closing = seekpod.openClient(root);
  await closing.shutdown().catch(() => undefined);
  closing.dispose();
  fs.rmSync(place, { recursive: true, force: true });
}
console.log(`${path.basename(model)} on ${machine.cpu}, ${machine.cores} cores, load ${os.loadavg()[0].toFixed(1)}`);
for (const { benchmark, what, value, unit, aim } of results) {
  console.log(`${benchmark.padEnd(11)} ${what.padEnd(58)} ${value.toFixed(unit === 'ratio' ? 3 : 1).padStart(9)} ${unit.padEnd(9)} ${aim ?? ''}`);
}
const file = path.join(root, 'bench', 'results', `${new Date().toISOString().replaceAll(':', '-')}.json`);
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, `${JSON.stringify({ machine, model: path.basename(model), results }, undefined, 2)}\n`);
console.log(path.relative(root, file));
process.exit(0);
