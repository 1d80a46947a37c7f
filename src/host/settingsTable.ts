import type { GpuChoice, KvType, Sampling } from '../engine/protocol/engineTypes.js';
import { defaultPodPort } from '../engine/protocol/parseAddress.js';
import { usualEndpoint } from '../engine/protocol/usualEndpoint.js';
import type { LogLevel } from '../engine/base/logger.js';
import { logLevels } from '../engine/base/logger.js';
import { type PresetName, presetNames } from './presets.js';

/** An adapter as the user names it. */
export interface AdapterSetting {
  readonly path: string;
  /** 1, as it was trained, where it is not named. */
  readonly scale?: number | undefined;
  /** File name of the model that it is for, as in `models.overrides`; every model where it is not named. */
  readonly model?: string | undefined;
}

/** What one model has otherwise than the settings say. */
export type ModelOverride = { readonly [K in keyof Sampling]?: Sampling[K] | undefined } & { readonly contextSize?: number | undefined };

/** The values that the user has set; `null` for the others. */
export type SetSampling = { readonly [K in keyof Sampling]: Sampling[K] | null };

/** Texts that must look like something. A folder may be empty, which stands for the usual one. */
export const textFormats = {
  address: /^https?:\/\/[^\s/]+\S*$/,
  folder: /^$|^~([\\/].*)?$|^\/|^[A-Za-z]:[\\/]|^\\\\/,
} as const;
export type TextFormat = keyof typeof textFormats;

/** How one setting is checked; the same facts stand in package.json, and a test compares them. */
export type SettingRule =
  | { readonly type: 'boolean'; readonly default: boolean }
  | { readonly type: 'number'; readonly default: number; readonly minimum: number; readonly maximum: number; readonly integer: boolean }
  | { readonly type: 'string'; readonly default: string; readonly enum?: readonly string[]; readonly maxLength?: number; readonly format?: TextFormat }
  /** A whole number in the range or one of the words. */
  | { readonly type: 'numberOrWord'; readonly default: string | number; readonly minimum: number; readonly maximum: number; readonly words: readonly string[] }
  | { readonly type: 'optionalNumber'; readonly default: null; readonly minimum: number; readonly maximum: number; readonly integer: boolean }
  | { readonly type: 'languages'; readonly default: Readonly<Record<string, boolean>> }
  /** A list of texts, each with a length limit. */
  | { readonly type: 'texts'; readonly default: readonly string[]; readonly maxItems: number; readonly maxLength: number }
  | { readonly type: 'adapters'; readonly default: readonly AdapterSetting[]; readonly maxItems: number }
  /** By a model's file name, where `*` stands for any characters. */
  | { readonly type: 'overrides'; readonly default: Readonly<Record<string, ModelOverride>> };

const yesNo = (value: boolean): SettingRule => ({ type: 'boolean', default: value });
const whole = (value: number, minimum: number, maximum: number): SettingRule => ({ type: 'number', default: value, minimum, maximum, integer: true });
const real = (value: number, minimum: number, maximum: number): SettingRule => ({ type: 'number', default: value, minimum, maximum, integer: false });
const optionalWhole = (minimum: number, maximum: number): SettingRule => ({ type: 'optionalNumber', default: null, minimum, maximum, integer: true });
const optionalReal = (minimum: number, maximum: number): SettingRule => ({ type: 'optionalNumber', default: null, minimum, maximum, integer: false });
const word = (value: string, values?: readonly string[]): SettingRule => ({ type: 'string', default: value, ...(values ? { enum: values } : {}) });

/** Every setting of the extension, by its name below `seekpod.`. */
export const settingsTable = {
  'model.completionPath': word(''),
  'model.chatPath': word(''),
  'model.lora': { type: 'adapters', default: [], maxItems: 16 },
  'models.endpoint': { type: 'string', default: usualEndpoint, format: 'address' },
  'models.directory': { type: 'string', default: '', format: 'folder' },
  'models.overrides': { type: 'overrides', default: {} },

  'engine.gpu': word('auto', ['auto', 'metal', 'cuda', 'vulkan', 'cpu']),
  'engine.gpuLayers': { type: 'numberOrWord', default: 'auto', minimum: 0, maximum: 10_000, words: ['auto', 'max'] },
  'engine.threads': whole(0, 0, 1_024),
  'engine.batchSize': whole(512, 8, 16_384),
  'engine.mmap': yesNo(true),
  'engine.mlock': yesNo(false),
  'engine.kvType': word('auto', ['auto', 'f16', 'q8_0', 'q4_0']),
  'engine.memoryBudgetGb': real(0, 0, 65_536),
  'engine.unloadAfterMinutes': real(30, 0, 10_080),
  'engine.exitAfterMinutes': real(5, 0, 10_080),
  'engine.nodePath': word(''),

  'completion.enabled': yesNo(true),
  'completion.automatic': yesNo(true),
  'completion.languages': { type: 'languages', default: { '*': true } },
  'completion.maxTokens': whole(256, 1, 4_096),
  'completion.multiline': word('auto', ['auto', 'always', 'never']),
  'completion.contextSize': whole(0, 0, 1_048_576),
  'completion.slots': whole(2, 1, 64),
  'completion.recentChunks': whole(16, 0, 64),
  'completion.temperature': real(0, 0, 5),
  'completion.topP': real(1, 0, 1),
  'completion.topK': whole(0, 0, 100_000),
  'completion.minP': real(0, 0, 1),
  'completion.repeatPenalty': real(1, 0.1, 10),
  'completion.seed': optionalWhole(0, 0xffff_ffff),

  'chat.enabled': yesNo(true),
  'chat.systemPrompt': word(''),
  'chat.maxTokens': whole(4_096, 1, 1_048_576),
  'chat.contextSize': whole(0, 0, 1_048_576),
  'chat.slots': whole(2, 1, 64),
  'chat.preset': word('balanced', presetNames),
  'chat.temperature': optionalReal(0, 5),
  'chat.topP': optionalReal(0, 1),
  'chat.topK': optionalWhole(0, 100_000),
  'chat.minP': optionalReal(0, 1),
  'chat.repeatPenalty': optionalReal(0.1, 10),
  'chat.seed': optionalWhole(0, 0xffff_ffff),

  'pod.share': yesNo(false),
  'pod.shareMemoryGb': real(0, 0, 65_536),
  'pod.shareCpu': yesNo(false),
  'pod.shareOnlyWith': { type: 'texts', default: [], maxItems: 256, maxLength: 128 },
  'pod.cacheGb': real(100, 0, 65_536),
  'pod.port': whole(defaultPodPort, 0, 65_535),
  'pod.name': { type: 'string', default: '', maxLength: 128 },
  'pod.model': word(''),

  'log.level': word('info', logLevels),
} as const satisfies Record<string, SettingRule>;

export type SettingKey = keyof typeof settingsTable;

/** The settings as the rest of the host reads them: grouped, complete and valid. */
export interface Settings {
  readonly model: {
    readonly completionPath: string;
    readonly chatPath: string;
    readonly lora: readonly AdapterSetting[];
  };
  readonly models: {
    /** Base address of the hub or of a mirror. */
    readonly endpoint: string;
    /** Folder for downloads; empty is the engine's own. */
    readonly directory: string;
    readonly overrides: Readonly<Record<string, ModelOverride>>;
  };
  readonly engine: {
    readonly gpu: GpuChoice;
    readonly gpuLayers: number | 'auto' | 'max';
    readonly threads: number;
    readonly batchSize: number;
    readonly mmap: boolean;
    readonly mlock: boolean;
    readonly kvType: KvType | 'auto';
    /** Gigabytes (10⁹ bytes) that all models together may take; 0 leaves it to what is there. */
    readonly memoryBudgetGb: number;
    readonly unloadAfterMinutes: number;
    readonly exitAfterMinutes: number;
    readonly nodePath: string;
  };
  readonly completion: Sampling & {
    readonly enabled: boolean;
    /** While typing; off leaves the manual trigger. */
    readonly automatic: boolean;
    /** By language id; `*` stands for all that are not named. */
    readonly languages: Readonly<Record<string, boolean>>;
    readonly maxTokens: number;
    readonly multiline: 'auto' | 'always' | 'never';
    readonly contextSize: number;
    readonly slots: number;
    /** Chunks of recently seen text in the prompt; 0 is none. */
    readonly recentChunks: number;
  };
  readonly chat: SetSampling & {
    /** What stands in for each value of sampling that is not set. */
    readonly preset: PresetName;
    readonly enabled: boolean;
    readonly systemPrompt: string;
    readonly maxTokens: number;
    readonly contextSize: number;
    readonly slots: number;
  };
  readonly pod: {
    /** Lend this machine to paired ones. */
    readonly share: boolean;
    /** Gigabytes (10⁹ bytes) that others may use at most; 0 leaves it to what is free. */
    readonly shareMemoryGb: number;
    /** Lend the processor where there is no GPU. */
    readonly shareCpu: boolean;
    /** Names or fingerprints of machines; empty is all paired ones. */
    readonly shareOnlyWith: readonly string[];
    /** Gigabytes of lent weights kept on the disk. */
    readonly cacheGb: number;
    /** 0 is any free port. */
    readonly port: number;
    /** What others see; empty is the host name. */
    readonly name: string;
    /** File of the chat model that runs on several machines; empty is none. */
    readonly model: string;
  };
  readonly log: { readonly level: LogLevel };
}
