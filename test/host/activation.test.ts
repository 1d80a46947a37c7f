import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as vscode from 'vscode';

const extension = (): vscode.Extension<unknown> => {
  const found = vscode.extensions.getExtension('seekpod.seekpod');
  assert.ok(found);
  return found;
};

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

/** The daemon's socket, lock and log, if there is one. */
function runtimeFiles(): string[] {
  const folder = process.env['SEEKPOD_RUNTIME_DIR'];
  assert.ok(folder);
  return fs.readdirSync(folder);
}

describe('activation', () => {
  before(async () => {
    await extension().activate();
  });

  it('registers every contributed command', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const manifest = extension().packageJSON as Manifest;
    assert.deepEqual(manifest.contributes.commands.map(({ command }) => command).filter((command) => !registered.has(command)), []);
  });

  it('starts no daemon', () => {
    assert.deepEqual(runtimeFiles(), []);
  });

  it('describes an engine that does not run without starting it', async () => {
    await vscode.commands.executeCommand('seekpod.copyDiagnostics');
    assert.match(await vscode.env.clipboard.readText(), /## Engine\n```json\n"not running"/);
    assert.deepEqual(runtimeFiles(), []);
  });
});
