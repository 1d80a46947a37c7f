import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findBinaries, findLibraries, findRpcLibrary } from '../../../src/engine/ggml/binaries.js';
import { readBuild } from '../../../src/engine/ggml/build.js';
import { isFailure } from '../../support/failures.js';

describe('libraries of ggml', () => {
  let root = '';
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-ggml-'));
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  const place = (folder: string, files: readonly string[]): string => {
    const place = path.join(root, folder);
    for (const file of files) {
      fs.mkdirSync(path.dirname(path.join(place, file)), { recursive: true });
      fs.writeFileSync(path.join(place, file), '');
    }
    return place;
  };

  for (const [platform, base, ggml, others] of [
    ['Linux', 'libggml-base.so', 'libggml.v0.4.0.so', ['libggml-cpu-zen4.so', 'libllama.v0.4.0.so', 'libllama-common.so']],
    ['Linux with Vulkan', 'libggml-base.so', 'libggml.vulkan.v0.4.0.so', ['libggml-vulkan.so', 'libggml-cpu-zen4.so']],
    ['macOS', 'libggml-base.dylib', 'libggml.metal.v0.4.0.dylib', ['libggml-metal.so', 'libggml-blas.so', 'libllama.metal.v0.4.0.dylib']],
    ['Windows', 'ggml-base.dll', 'ggml.v0.4.0.dll', ['ggml-cpu.dll', 'llama-addon.lib', 'llama.v0.4.0.dll']],
    ['a build without a release in its names', 'libggml-base.so', 'libggml.so', ['libggml-cpu.so']],
  ] as const) {
    it(`are found by pattern on ${platform}`, () => {
      const folder = place('bins', [base, ggml, ...others, 'llama-addon.node']);
      assert.deepEqual(findLibraries(folder), { folder, base: path.join(folder, base), ggml: path.join(folder, ggml) });
    });
  }

  it('name the one that is missing and where it should be', () => {
    const folder = place('bins', ['libggml.v0.4.0.so']);
    assert.throws(() => findLibraries(folder), isFailure('remoteLayersUnavailable'));
    assert.throws(() => findLibraries(folder), new RegExp(`libggml-base is not in ${folder}`));
  });

  it('for remote layers are in a folder of their own, with what they were built from', () => {
    const folder = place('bins', ['libggml-base.so', 'rpc/libggml-rpc.so']);
    fs.writeFileSync(path.join(folder, 'rpc', 'build.json'), '{"llama":"v0.4.0","rpcProtocol":"6.0.0","recipe":"x"}');
    const library = findRpcLibrary(folder);
    assert.equal(library.library, path.join(folder, 'rpc', 'libggml-rpc.so'));
    assert.deepEqual(readBuild(library), { llama: 'v0.4.0', rpcProtocol: '6.0.0' });
  });

  it('for remote layers are named when they were not built', () => {
    const folder = place('bins', ['libggml-base.so']);
    assert.throws(() => findRpcLibrary(folder), /libggml-rpc is not in/);
  });

  for (const [what, text] of [['missing', null], ['not JSON', '{'], ['without a version', '{"llama":"v0.4.0"}']] as const) {
    it(`are not used when what they were built from is ${what}`, () => {
      const folder = place('bins', ['rpc/libggml-rpc.so']);
      if (text !== null) fs.writeFileSync(path.join(folder, 'rpc', 'build.json'), text);
      assert.throws(() => readBuild(findRpcLibrary(folder)), isFailure('remoteLayersUnavailable'));
    });
  }
});

describe('folders of prebuilt libraries', () => {
  it('are those with an addon, for GPUs first', () => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-ggml-'));
    try {
      for (const name of ['linux-x64', 'linux-x64-cuda', 'linux-x64-vulkan']) {
        fs.mkdirSync(path.join(root, name, 'bins', name), { recursive: true });
        fs.writeFileSync(path.join(root, name, 'bins', name, 'llama-addon.node'), '');
      }
      // More modules of another package, without an addon.
      fs.mkdirSync(path.join(root, 'linux-x64-cuda-ext', 'bins', 'linux-x64-cuda', 'fallback'), { recursive: true });
      assert.deepEqual(
        findBinaries(root).map(({ kind, folder }) => [kind, path.basename(folder)]),
        [['cuda', 'linux-x64-cuda'], ['vulkan', 'linux-x64-vulkan'], ['cpu', 'linux-x64']],
      );
      assert.deepEqual(findBinaries(path.join(root, 'nothing')), []);
    } finally {
      fs.rmSync(root, { recursive: true });
    }
  });
});
