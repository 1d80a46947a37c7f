import * as l10n from '@vscode/l10n';
import { type Command, Option } from 'commander';
import { type KvType, kvTypeSchema } from '../engine/protocol/engineTypes.js';
import type { SettingKey } from '../host/settingsTable.js';
import { number } from './optionNumber.js';

/** How a model is to be loaded; what is left out is as the settings of a window have it by default. */
export interface LoadFlags {
  /** Tokens. */
  readonly context?: number;
  readonly kvType?: KvType;
}

/** Adds the flags to a command. */
export function addLoadFlags(command: Command): Command {
  return command
    .option('--context <tokens>', l10n.t('size of the context'), number((value) => Number.isInteger(value) && value >= 1 && value <= 1_048_576, l10n.t('a whole number from 1')))
    .addOption(new Option('--kv-type <type>', l10n.t('type of the KV cache; q8_0 and q4_0 need less memory')).choices(kvTypeSchema.options));
}

/** What the flags say in place of a setting. */
export function loadSetting(key: SettingKey, { context, kvType }: LoadFlags): unknown {
  if (key === 'chat.contextSize') return context;
  return key === 'engine.kvType' ? kvType : undefined;
}
