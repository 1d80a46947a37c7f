import assert from 'node:assert/strict';
import { contentProblems } from '../../scripts/runtime/contents.mjs';

const runtime = 'dist/node_modules/@node-llama-cpp/mac-arm64-metal/bins/mac-arm64-metal';
const complete = [
  'package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'THIRD-PARTY-NOTICES.md', 'models/calf-q8_0.gguf',
  'dist/extension.cjs', 'dist/daemon.cjs', 'dist/cli.cjs', 'dist/worker.mjs', 'dist/layerServer.cjs', 'dist/webview/main.js', 'dist/webview/main.css', 'dist/webview/benchmark/main.js', 'dist/webview/benchmark/main.css',
  'dist/node_modules/node-llama-cpp/dist/index.js', 'dist/node_modules/node-llama-cpp/dist/bindings/utils/testBindingBinary.js',
  'dist/node_modules/koffi/index.js', 'dist/node_modules/koffi/index.cjs', 'dist/node_modules/koffi/LICENSE.txt', 'dist/node_modules/@koromix/koffi-darwin-arm64/darwin_arm64/koffi.node',
  `${runtime}/llama-addon.node`, `${runtime}/libggml-cpu-apple_m1.so`, `${runtime}/rpc/libggml-rpc.dylib`,
];

describe('contents of a package', () => {
  it('are right when all is there', () => {
    assert.deepEqual(contentProblems(complete, ['mac-arm64-metal']), []);
  });

  it('name what is missing', () => {
    assert.deepEqual(contentProblems(complete.filter((file) => file !== 'LICENSE'), ['mac-arm64-metal']), ['LICENSE is missing']);
  });

  it('name what does not belong there', () => {
    assert.deepEqual(contentProblems([...complete, 'src/extension.ts'], ['mac-arm64-metal']), ['src/extension.ts does not belong there']);
  });

  it('name libraries of another platform', () => {
    const file = 'dist/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64/libggml-base.so';
    assert.deepEqual(contentProblems([...complete, file], ['mac-arm64-metal']), ['linux-x64 is of another platform']);
  });

  it('name libraries without which layers cannot go to other machines', () => {
    const without = (name: string): readonly string[] => contentProblems(complete.filter((file) => !file.endsWith(name)), ['mac-arm64-metal']);
    assert.deepEqual(without('libggml-rpc.dylib'), ['mac-arm64-metal has no libggml-rpc']);
    assert.deepEqual(without('koffi.node'), ['koffi has no binary']);
  });

  it('refuse the module that aborts with DeepSeek models', () => {
    const file = `${runtime}/libggml-cpu-sapphirerapids.so`;
    assert.deepEqual(contentProblems([...complete, file], ['mac-arm64-metal']), [`${file} aborts with DeepSeek models`]);
  });
});
