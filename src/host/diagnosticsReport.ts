import type { DaemonDiagnostics } from '../engine/protocol/daemonMessages.js';
import type { Failure } from '../engine/base/errors.js';
import type { PastFailure } from './failureHistory.js';
import { type SettingKey, type Settings, settingsTable } from './settingsTable.js';
import { type InvalidSetting, settingKeys } from './settingsValidation.js';

export interface DiagnosticsFacts {
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: Settings;
  readonly invalid: readonly InvalidSetting[];
  /** What the engine says of itself, or why it says nothing. */
  readonly engine: DaemonDiagnostics | Failure | 'not running';
  readonly failures: readonly PastFailure[];
  /** The user's home folder; it is written as `~` wherever it occurs. */
  readonly home: string;
}

/** Settings that hold what the user wrote: only their length is told. */
const userText: ReadonlySet<SettingKey> = new Set(['chat.systemPrompt', 'pod.name', 'pod.shareOnlyWith']);

function settingOf(settings: Settings, key: SettingKey): unknown {
  const [group, name] = key.split('.') as [keyof Settings, string];
  return (settings[group] as unknown as Readonly<Record<string, unknown>>)[name];
}

function changedSettings(settings: Settings): string[] {
  return settingKeys.flatMap((key) => {
    const value = settingOf(settings, key);
    if (JSON.stringify(value) === JSON.stringify(settingsTable[key].default)) return [];
    return [`seekpod.${key}: ${userText.has(key) ? `${String(value).length} characters` : JSON.stringify(value)}`];
  });
}

function section(title: string, lines: readonly string[]): string {
  return [`## ${title}`, ...(lines.length === 0 ? ['none'] : lines)].join('\n');
}

/** In JSON, a Windows path has its backslashes doubled. */
function maskHome(text: string, home: string): string {
  return home === '' ? text : text.replaceAll(home, '~').replaceAll(JSON.stringify(home).slice(1, -1), '~');
}

/** Facts for a bug report, in markdown and in English whatever the display language; holds no text of the user. */
export function diagnosticsReport(facts: DiagnosticsFacts): string {
  const report = [
    '# Seekpod diagnostics',
    section('Versions', Object.entries(facts.versions).map(([name, value]) => `${name}: ${value}`)),
    section('Settings that differ from their defaults', changedSettings(facts.settings)),
    section('Settings that cannot be used', facts.invalid.map(({ key }) => `seekpod.${key}`)),
    section('Engine', ['```json', JSON.stringify(facts.engine, null, 2), '```']),
    section('Last failures', facts.failures.map(({ time, role, failure }) => `${new Date(time).toISOString()} ${role}: ${JSON.stringify(failure)}`)),
  ].join('\n\n');
  return `${maskHome(report, facts.home)}\n`;
}
