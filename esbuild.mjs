// Bundles every entry point. `--tests` also bundles the test suites, `--watch` rebuilds on change, `--production` minifies.
import * as esbuild from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { stageRuntime } from './scripts/stageRuntime.mjs';

const root = import.meta.dirname;
const flags = new Set(process.argv.slice(2));
const production = flags.has('--production');

/** Only the extension may import `vscode` at run time: elsewhere such an import breaks the build. */
const refuseVscode = {
  name: 'refuse-vscode',
  setup(build) {
    build.onResolve({ filter: /^vscode$/ }, (args) => ({
      errors: [{ text: `'vscode' is imported at run time by ${path.relative(root, args.importer)}, which must run without it` }],
    }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  logLevel: 'warning',
  sourcemap: production ? false : 'linked',
  minify: production,
  target: 'node20',
  define: { __SEEKPOD_VERSION__: JSON.stringify(JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version) },
};
const node = { ...common, platform: 'node' };

/** Entry points that do not exist are left out, so that a part can be built before the others are there. */
const entries = (...files) => files.filter((file) => fs.existsSync(path.join(root, file)));

/** The tests under a folder, and the programs that they run in processes of their own. */
function testFiles(folder) {
  const absolute = path.join(root, folder);
  if (!fs.existsSync(absolute)) return [];
  return fs
    .readdirSync(absolute, { recursive: true })
    .filter((file) => /\.(test|program)\.ts$/.test(file))
    .map((file) => path.join(folder, file));
}

const builds = [
  { ...node, entryPoints: entries('src/extension.ts'), outfile: 'dist/extension.cjs', format: 'cjs', external: ['vscode'] },
  { ...node, entryPoints: entries('src/engine/daemon/main.ts'), outfile: 'dist/daemon.cjs', format: 'cjs', plugins: [refuseVscode] },
  { ...node, entryPoints: entries('src/cli.ts'), outfile: 'dist/cli.cjs', format: 'cjs', plugins: [refuseVscode] },
  {
    ...node,
    entryPoints: entries('src/engine/worker/main.ts'),
    outfile: 'dist/worker.mjs',
    format: 'esm',
    external: ['node-llama-cpp', 'koffi'],
    plugins: [refuseVscode],
    // Bundled CommonJS packages call require(), which an ES module does not have.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  },
  { ...node, entryPoints: entries('src/engine/layerServer/main.ts'), outfile: 'dist/layerServer.cjs', format: 'cjs', external: ['koffi'], plugins: [refuseVscode] },
  {
    ...common,
    entryPoints: entries('src/webview/app/main.ts', 'src/webview/app/main.css', 'src/webview/app/benchmark/main.ts', 'src/webview/app/benchmark/main.css'),
    outdir: 'dist/webview',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    plugins: [refuseVscode],
  },
];

if (flags.has('--tests')) {
  // A suite whose source was removed or renamed must not run on.
  fs.rmSync(path.join(root, 'out', 'test'), { recursive: true, force: true });
  const test = { ...node, outbase: 'test', outdir: 'out/test', packages: 'external', sourcemap: 'inline' };
  builds.push(
    { ...test, entryPoints: ['unit', 'contract', 'engine', 'pod', 'ui'].flatMap((name) => testFiles(`test/${name}`)), format: 'esm', splitting: true, outExtension: { '.js': '.mjs' }, plugins: [refuseVscode] },
    // Runs inside the extension host, which is the only place that has `vscode`.
    { ...test, entryPoints: [...entries('test/host/index.ts'), ...testFiles('test/host')], format: 'cjs', outExtension: { '.js': '.cjs' }, external: ['vscode'] },
  );
}

const present = builds.filter((build) => build.entryPoints.length > 0);
await stageRuntime(root);
if (flags.has('--watch')) {
  const contexts = await Promise.all(present.map((build) => esbuild.context(build)));
  await Promise.all(contexts.map((context) => context.watch()));
  console.log('watching for changes');
} else {
  const results = await Promise.all(present.map((build) => esbuild.build({ ...build, metafile: true })));
  // What is shipped, for the third-party notices; builds of tests go to out/.
  const shipped = results.filter((_, index) => !(present[index].outdir ?? '').startsWith('out/')).flatMap(({ metafile }) => Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs)));
  fs.writeFileSync(path.join(root, 'dist', '.inputs.json'), JSON.stringify([...new Set(shipped)].sort()));
}
