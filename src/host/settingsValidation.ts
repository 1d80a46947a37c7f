import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import { assertNever } from '../engine/base/errors.js';
import { type SettingKey, type SettingRule, type Settings, settingsTable, textFormats } from './settingsTable.js';

/** Most characters of a text setting: a path, or the instructions before every conversation. */
const maxTextCharacters = 65_536;

/** A setting whose value cannot be used; its default stands in for it. */
export interface InvalidSetting {
  readonly key: SettingKey;
  /** The rule in the user's language: `a whole number from 0 to 64`. */
  readonly expected: string;
}

export interface ValidatedSettings {
  readonly settings: Settings;
  readonly invalid: readonly InvalidSetting[];
}

export const settingKeys = Object.keys(settingsTable) as readonly SettingKey[];

function inRange(rule: { readonly minimum: number; readonly maximum: number }): v.GenericSchema<number> {
  return v.pipe(v.number(), v.finite(), v.minValue(rule.minimum), v.maxValue(rule.maximum));
}

/** Strict, so that a misspelt name is not passed over in silence. */
const adapterSchema = v.strictObject({
  path: v.pipe(v.string(), v.minLength(1), v.maxLength(4_096)),
  scale: v.optional(v.pipe(v.number(), v.minValue(-10), v.maxValue(10))),
  model: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(256))),
});

function schemaOf(rule: SettingRule): v.GenericSchema<unknown> {
  switch (rule.type) {
    case 'boolean':
      return v.boolean();
    case 'number':
      return rule.integer ? v.pipe(inRange(rule), v.integer()) : inRange(rule);
    case 'string':
      if (rule.enum !== undefined) return v.picklist(rule.enum);
      return v.pipe(v.string(), v.maxLength(rule.maxLength ?? maxTextCharacters), v.regex(rule.format === undefined ? /^/ : textFormats[rule.format]));
    case 'numberOrWord':
      return v.union([v.picklist(rule.words), v.pipe(inRange(rule), v.integer())]);
    case 'optionalNumber':
      return v.nullable(rule.integer ? v.pipe(inRange(rule), v.integer()) : inRange(rule));
    case 'languages':
      return v.pipe(v.custom<Record<string, unknown>>((value) => !Array.isArray(value)), v.record(v.string(), v.boolean()));
    case 'texts':
      return v.pipe(v.array(v.pipe(v.string(), v.maxLength(rule.maxLength))), v.maxLength(rule.maxItems));
    case 'adapters':
      return v.pipe(v.array(adapterSchema), v.maxLength(rule.maxItems));
    case 'overrides':
      return v.pipe(v.custom<Record<string, unknown>>((value) => !Array.isArray(value)), v.record(v.pipe(v.string(), v.minLength(1), v.maxLength(256)), overrideSchema));
    default:
      return assertNever(rule);
  }
}

const sampled = (key: 'temperature' | 'topP' | 'topK' | 'minP' | 'repeatPenalty'): v.GenericSchema<unknown> => v.optional(schemaOf(settingsTable[`completion.${key}`]));
const overrideSchema = v.strictObject({
  contextSize: v.optional(schemaOf(settingsTable['chat.contextSize'])),
  temperature: sampled('temperature'),
  topP: sampled('topP'),
  topK: sampled('topK'),
  minP: sampled('minP'),
  repeatPenalty: sampled('repeatPenalty'),
  seed: v.optional(schemaOf(settingsTable['chat.seed'])),
});

function expectation(rule: SettingRule): string {
  switch (rule.type) {
    case 'boolean':
      return l10n.t('true or false');
    case 'number':
      return rule.integer
        ? l10n.t('a whole number from {0} to {1}', rule.minimum, rule.maximum)
        : l10n.t('a number from {0} to {1}', rule.minimum, rule.maximum);
    case 'string':
      if (rule.enum !== undefined) return l10n.t('one of {0}', rule.enum.join(', '));
      if (rule.format !== undefined) return rule.format === 'address' ? l10n.t('an address that begins with https:// or http://') : l10n.t('an absolute path, or empty');
      return rule.maxLength === undefined ? l10n.t('a text') : l10n.t('a text of at most {0} characters', rule.maxLength);
    case 'numberOrWord':
      return l10n.t('one of {0}, or a whole number from {1} to {2}', rule.words.join(', '), rule.minimum, rule.maximum);
    case 'optionalNumber':
      return rule.integer
        ? l10n.t('null, or a whole number from {0} to {1}', rule.minimum, rule.maximum)
        : l10n.t('null, or a number from {0} to {1}', rule.minimum, rule.maximum);
    case 'languages':
      return l10n.t('an object of language identifiers with true or false');
    case 'texts':
      return l10n.t('a list of at most {0} texts of at most {1} characters', rule.maxItems, rule.maxLength);
    case 'adapters':
      return l10n.t('a list of at most {0} objects with "path", and perhaps "scale" (from -10 to 10) and "model"', rule.maxItems);
    case 'overrides':
      return l10n.t('an object that has for each file name of a model an object of these: {0}', Object.keys(overrideSchema.entries).join(', '));
    default:
      return assertNever(rule);
  }
}

/** The complete settings from what `read` finds; a value that breaks its rule is named in `invalid` and replaced by the default. */
export function validateSettings(read: (key: SettingKey) => unknown): ValidatedSettings {
  const invalid: InvalidSetting[] = [];
  const groups: Record<string, Record<string, unknown>> = {};
  for (const key of settingKeys) {
    const rule: SettingRule = settingsTable[key];
    const value = read(key);
    const outcome = v.safeParse(schemaOf(rule), value === undefined ? rule.default : value);
    if (!outcome.success) invalid.push({ key, expected: expectation(rule) });
    const [group, name] = key.split('.') as [string, string];
    (groups[group] ??= {})[name] = outcome.success ? outcome.output : rule.default;
  }
  // Every key of the table has been filled with a value that keeps its rule: this is the shape that `Settings` describes.
  return { settings: groups as unknown as Settings, invalid };
}

/** One line for the output channel and the menu. */
export function invalidSettingText({ key, expected }: InvalidSetting): string {
  return l10n.t('seekpod.{0} must be {1}. The default {2} is used.', key, expected, JSON.stringify(settingsTable[key].default));
}
