import assert from 'node:assert/strict';
import { diagnosticsReport, type DiagnosticsFacts } from '../../../src/host/diagnosticsReport.js';
import type { SettingKey } from '../../../src/host/settingsTable.js';
import { validateSettings } from '../../../src/host/settingsValidation.js';

function reportWith(values: Partial<Record<SettingKey, unknown>>, changes: Partial<DiagnosticsFacts> = {}): string {
  const { settings, invalid } = validateSettings((key) => values[key]);
  return diagnosticsReport({
    versions: { Seekpod: '0.1.0' },
    settings,
    invalid,
    engine: { code: 'daemonUnavailable', reason: 'no socket' },
    failures: [],
    home: '/home/ada',
    ...changes,
  });
}

describe('diagnostics report', () => {
  it('lists the settings that differ from their defaults and no others', () => {
    const report = reportWith({ 'engine.threads': 3, 'engine.mmap': true });
    assert.match(report, /seekpod\.engine\.threads: 3/);
    assert.doesNotMatch(report, /seekpod\.engine\.mmap/);
  });

  it('writes the home folder as ~ wherever it occurs', () => {
    const failure = { code: 'modelNotFound', path: '/home/ada/m.gguf' } as const;
    const report = reportWith({ 'model.chatPath': '/home/ada/m.gguf' }, { failures: [{ time: 0, role: 'chat', failure }], engine: failure });
    assert.doesNotMatch(report, /ada/);
    assert.match(report, /seekpod\.model\.chatPath: "~\/m\.gguf"/);
  });

  it('masks a Windows home folder in JSON too', () => {
    const home = String.raw`C:\Users\ada`;
    assert.doesNotMatch(reportWith({ 'model.chatPath': `${home}\\m.gguf` }, { home }), /ada/);
  });

  it('tells the length of the system prompt and not a word of it', () => {
    const report = reportWith({ 'chat.systemPrompt': 'my secret project' });
    assert.doesNotMatch(report, /secret/);
    assert.match(report, /seekpod\.chat\.systemPrompt: 17 characters/);
  });

  it('names a setting that cannot be used without its value', () => {
    const report = reportWith({ 'engine.gpu': 'my text' });
    assert.match(report, /cannot be used\nseekpod\.engine\.gpu/);
    assert.doesNotMatch(report, /my text/);
  });

  it('says why the engine says nothing', () => {
    assert.match(reportWith({}), /"code": "daemonUnavailable"/);
  });
});
