import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { nullLogSink } from '../../src/engine/base/logger.js';
import { connectEngine } from '../../src/engine/client/connectEngine.js';
import type { EngineClient } from '../../src/engine/client/engineClient.js';

const secret = 'a question that stays at home';

describe('the engine of a window', () => {
  let terminal: EngineClient;

  before(() => {
    const root = vscode.extensions.getExtension('seekpod.seekpod')?.extensionPath;
    assert.ok(root);
    // Another client of the same user, as a second window or a terminal is.
    terminal = connectEngine({ root, clientName: 'host-test', log: nullLogSink, configure: 'ifUnset' });
  });
  after(() => terminal.dispose());

  it('answers a question', async () => {
    await vscode.commands.executeCommand('seekpod.ask', secret);
    assert.equal((await terminal.diagnostics()).status.chat.state, 'ready');
  });

  it('is one daemon for all clients, with one worker for both roles', async () => {
    const { clients, workers } = await terminal.diagnostics();
    assert.equal(clients, 2);
    assert.deepEqual(workers.map(({ roles }) => roles.toSorted()), [['chat', 'completion']]);
  });

  it('frees the memory of its models on command, and loads them again', async () => {
    await vscode.commands.executeCommand('seekpod.unloadModels');
    assert.equal((await terminal.diagnostics()).status.chat.state, 'unloaded');
    await vscode.commands.executeCommand('seekpod.loadModels');
    assert.equal((await terminal.diagnostics()).status.completion.state, 'ready');
  });

  it('is restarted on command while another client uses it', async () => {
    const before = (await terminal.diagnostics()).workers.map(({ pid }) => pid);
    await vscode.commands.executeCommand('seekpod.restartEngine');
    const after = (await terminal.diagnostics()).workers.map(({ pid }) => pid);
    assert.equal(after.length, 1);
    assert.notDeepEqual(after, before);
  });

  it('is described by the diagnostics without a word of the user', async () => {
    await vscode.commands.executeCommand('seekpod.copyDiagnostics');
    const report = await vscode.env.clipboard.readText();
    assert.match(report, /# Seekpod diagnostics/);
    assert.match(report, /"architecture": "deepseek2"/);
    assert.doesNotMatch(report, new RegExp(secret));
  });
});
