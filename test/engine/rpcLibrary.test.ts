import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as rpcLibrary from '../../native/rpcLibrary.mjs';
import { findBinaries } from '../../src/engine/ggml/binaries.js';

const root = path.resolve('.');
const target = `${process.platform}-${process.arch}`;

describe('libggml-rpc', () => {
  const binaries = findBinaries(path.resolve('dist/node_modules/@node-llama-cpp')).at(-1)?.folder ?? '';
  let native: typeof rpcLibrary;
  before(async () => {
    // Not bundled: it finds its own files by its place.
    native = await import(pathToFileURL(path.resolve('native/rpcLibrary.mjs')).href);
  });

  it('is built once per release and recipe', async () => {
    const said: string[] = [];
    const build = (): Promise<string> => native.buildRpcLibrary(root, target, binaries, (text) => said.push(text));
    const library = path.join(await build(), 'build.json');
    said.length = 0;
    const before = fs.statSync(library).mtimeMs;
    await build();
    assert.deepEqual(said, []);
    assert.equal(fs.statSync(library).mtimeMs, before);
  });

  it('is built anew when its recipe is another one', async () => {
    const folder = fs.mkdtempSync(path.join(root, 'native', 'build', 'recipe-'));
    try {
      // A project of its own with everything but the built library.
      fs.mkdirSync(path.join(folder, 'native', 'build'), { recursive: true });
      fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
      const said: string[] = [];
      const build = (): Promise<string> => native.buildRpcLibrary(folder, target, binaries, (text) => said.push(text));
      const built = await build();
      const facts = path.join(built, 'build.json');
      assert.equal(said.length, 1);
      fs.writeFileSync(facts, JSON.stringify({ ...JSON.parse(fs.readFileSync(facts, 'utf8')), recipe: 'another' }));
      await build();
      assert.equal(said.length, 2);
      assert.equal(JSON.parse(fs.readFileSync(facts, 'utf8')).recipe, native.rpcLibraryRecipe(target, { cross: false }));
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('has a recipe for other platforms only where a compiler for them may be fetched, and none for what no library is prebuilt for', () => {
    const other = target === 'darwin-x64' ? 'linux-arm64' : 'darwin-x64';
    assert.equal(native.rpcLibraryRecipe(other, { cross: false }), null);
    assert.notEqual(native.rpcLibraryRecipe(other, { cross: true }), null);
    assert.notEqual(native.rpcLibraryRecipe(other, { cross: true }), native.rpcLibraryRecipe(target, { cross: true }));
    assert.equal(native.rpcLibraryRecipe('freebsd-x64', { cross: true }), null);
  });
});
