import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const refused = [
  ['src/engine/base', '../protocol/wire.js'],
  ['src/engine/protocol', '../runtime/workerPlan.js'],
  ['src/engine/protocol', 'node:fs'],
  ['src/engine/client', '../daemon/main.js'],
  ['src/engine/models', '../worker/main.js'],
  ['src/engine/worker', '../runtime/workerPlan.js'],
  ['src/engine/runtime', '../worker/main.js'],
  ['src/engine/runtime', 'node-llama-cpp'],
  ['src/engine/daemon', '../worker/main.js'],
  ['src/engine/daemon', '../../host/settings.js'],
  ['src/engine/completion', '../chat/title.js'],
  ['src/engine/completion', 'vscode'],
  ['src/engine/completion/streamFilters', '../../client/engineClient.js'],
  ['src/engine/chat', 'node:fs'],
  ['src/engine/pod/core/pairing', 'node:crypto'],
  ['src/engine/pod/core/state', '../../net/tunnel/layerTunnel.js'],
  ['src/engine/pod/core/placement', '../../../models/ggufHeader.js'],
  ['src/engine/pod/net/lending', '../../podService.js'],
  ['src/engine/pod/net/tunnel', 'koffi'],
  ['src/engine/pod', '../runtime/engineRuntime.js'],
  ['src/engine/layerServer', '../pod/net/tunnel/layerTunnel.js'],
  ['src/engine/runtime', '../pod/podService.js'],
  ['src/host', '../engine/pod/podService.js'],
  ['src/host', '../engine/runtime/engineRuntime.js'],
  ['src/webview/host', '../../engine/worker/main.js'],
  ['src/webview/app', '../host/bridge.js'],
  ['src/webview/app', 'vscode'],
] as const;

const allowed = [
  ['src/engine/protocol', '../base/errors.js'],
  ['src/engine/worker', '../models/ggufHeader.js'],
  ['src/engine/daemon', '../runtime/engineRuntime.js'],
  ['src/engine/pod/net/tunnel', '../../core/guard/layerGuard.js'],
  ['src/engine/pod', '../models/ggufHeader.js'],
  ['src/engine/daemon', '../pod/podService.js'],
  ['src/engine/worker', '../ggml/libraries.js'],
  ['src/host', '../engine/client/engineClient.js'],
  ['src/host', 'vscode'],
] as const;

describe('the lint rules for imports', () => {
  let report: string;

  before(() => {
    // The rules of a file depend on its path, so the files stand in a tree of their own.
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-lint-'));
    try {
      fs.copyFileSync('.oxlintrc.json', path.join(folder, '.oxlintrc.json'));
      for (const [index, [place, imported]] of [...refused, ...allowed].entries()) {
        fs.mkdirSync(path.join(folder, place), { recursive: true });
        fs.writeFileSync(path.join(folder, place, `import${index}.ts`), `export { x } from '${imported}';\n`);
      }
      const { stdout } = spawnSync(process.execPath, [path.resolve('node_modules/oxlint/bin/oxlint'), '--format', 'unix', '.'], { cwd: folder, encoding: 'utf8' });
      report = stdout.split('\n').filter((line) => line.includes('no-restricted-imports')).join('\n');
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  for (const [index, [place, imported]] of refused.entries()) {
    it(`refuse ${imported} in ${place}`, () => assert.ok(report.includes(`import${index}.ts:`)));
  }

  for (const [index, [place, imported]] of allowed.entries()) {
    it(`allow ${imported} in ${place}`, () => assert.ok(!report.includes(`import${refused.length + index}.ts:`)));
  }
});
