// Bundles node-llama-cpp: about ninety packages for its command line and for compiling become one module of what the worker uses.
import fs from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { placeFile, placeFolder } from './files.mjs';

/**
 * Its files find one another by their own place, so each keeps the address it had: the program that tries out a binary
 * starts itself as a child process and refuses to when its file has another name.
 */
const keepAddresses = (dist) => ({
  name: 'keep-addresses',
  setup(build) {
    build.onLoad({ filter: /\.js$/ }, (args) => {
      const inside = path.relative(dist, args.path);
      if (inside.startsWith('..')) return undefined;
      const address = `new URL(${JSON.stringify(`./${inside.split(path.sep).join('/')}`)}, import.meta.url).href`;
      return { contents: fs.readFileSync(args.path, 'utf8').replaceAll('import.meta.url', address), loader: 'js' };
    });
  },
});

/** Writes the bundled package to `target`; gives esbuild's account of what is in it. */
export async function bundleBindings(root, target) {
  const source = path.join(root, 'node_modules', 'node-llama-cpp');
  const dist = fs.realpathSync(path.join(source, 'dist'));
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [path.join(dist, 'index.js'), path.join(dist, 'bindings', 'utils', 'testBindingBinary.js')],
    outbase: dist,
    outdir: path.join(target, 'dist'),
    bundle: true,
    // Shared code goes into files beside index.js, which is where the addresses above count from.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    external: ['@node-llama-cpp/*', '@reflink/reflink', 'electron'],
    plugins: [keepAddresses(dist)],
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  });
  for (const file of ['binariesGithubRelease.json', 'llama.cpp.info.json']) placeFile(path.join(source, 'llama', file), path.join(target, 'llama', file));
  placeFolder(path.join(source, 'llama', 'grammars'), path.join(target, 'llama', 'grammars'));
  placeFile(path.join(source, 'LICENSE'), path.join(target, 'LICENSE'));
  const { name, version, license, type, exports } = JSON.parse(fs.readFileSync(path.join(source, 'package.json'), 'utf8'));
  fs.writeFileSync(path.join(target, 'package.json'), `${JSON.stringify({ name, version, license, type, exports: { '.': exports['.'] } }, undefined, 2)}\n`);
  return metafile;
}
