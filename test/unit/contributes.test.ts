import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { SettingKey, SettingRule } from '../../src/host/settingsTable.js';
import { settingsTable, textFormats } from '../../src/host/settingsTable.js';
import { settingKeys } from '../../src/host/settingsValidation.js';

interface Property {
  readonly type: string | readonly string[];
  readonly scope: string;
  readonly default: unknown;
  readonly markdownDescription: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly oneOf?: readonly Readonly<Record<string, unknown>>[];
  readonly additionalProperties?: unknown;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: unknown;
  readonly maxItems?: number;
}

interface Menu {
  readonly command?: string;
  readonly submenu?: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category?: string }[];
    readonly submenus: readonly { readonly id: string }[];
    readonly menus: Readonly<Record<string, readonly Menu[]>>;
    readonly keybindings: readonly { readonly command: string }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, Property>> }[];
    readonly walkthroughs: readonly { readonly steps: readonly { readonly media: { readonly image: string } }[] }[];
    readonly viewsContainers: { readonly activitybar: readonly { readonly icon: string }[] };
  };
  readonly icon: string;
}

const readJson = <T>(file: string): T => JSON.parse(fs.readFileSync(file, 'utf8')) as T;
const manifestText = fs.readFileSync('package.json', 'utf8');
const manifest = JSON.parse(manifestText) as Manifest;
const { contributes } = manifest;
const strings = readJson<Record<string, string>>('package.nls.json');
const properties = Object.assign({}, ...contributes.configuration.map((group) => group.properties)) as Record<string, Property>;

const adapterSchema = {
  type: 'object',
  required: ['path'],
  additionalProperties: false,
  properties: {
    path: { type: 'string', minLength: 1, maxLength: 4_096, description: '%configuration.model.lora.path%' },
    scale: { type: 'number', minimum: -10, maximum: 10, default: 1, description: '%configuration.model.lora.scale%' },
    model: { type: 'string', minLength: 1, maxLength: 256, description: '%configuration.model.lora.model%' },
  },
};

/** The settings of completion that a model may have for itself, in the same ranges. */
const overridden = Object.fromEntries((['contextSize', 'temperature', 'topP', 'topK', 'minP', 'repeatPenalty', 'seed'] as const).map((name) => {
  const { type, minimum, maximum } = schemaOf(settingsTable[`completion.${name}`]);
  const text = name === 'temperature' || name === 'seed' ? `models.overrides.${name}` : `completion.${name}`;
  return [name, { type, minimum, maximum, description: `%configuration.${text}%` }];
}));

/** What package.json has to say of a rule. */
function schemaOf(rule: SettingRule): Partial<Property> {
  switch (rule.type) {
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return { type: rule.integer ? 'integer' : 'number', minimum: rule.minimum, maximum: rule.maximum };
    case 'string':
      return { type: 'string', ...(rule.enum === undefined ? {} : { enum: rule.enum }), ...(rule.maxLength === undefined ? {} : { maxLength: rule.maxLength }), ...(rule.format === undefined ? {} : { pattern: textFormats[rule.format].source }) };
    case 'numberOrWord':
      return {
        type: ['string', 'integer'],
        oneOf: [
          { type: 'string', enum: rule.words },
          { type: 'integer', minimum: rule.minimum, maximum: rule.maximum },
        ],
      };
    case 'optionalNumber':
      return { type: [rule.integer ? 'integer' : 'number', 'null'], minimum: rule.minimum, maximum: rule.maximum };
    case 'languages':
      return { type: 'object', additionalProperties: { type: 'boolean' } };
    case 'texts':
      return { type: 'array', items: { type: 'string', maxLength: rule.maxLength }, maxItems: rule.maxItems };
    case 'adapters':
      return { type: 'array', items: adapterSchema, maxItems: rule.maxItems };
    case 'overrides':
      return { type: 'object', additionalProperties: { type: 'object', additionalProperties: false, properties: overridden } };
  }
}

/** Settings that reach the daemon, which all windows share, or that name programs and files of this machine. */
const ofTheMachine = (key: SettingKey): boolean => /^(models?|engine|pod)\.|\.(enabled|contextSize|slots)$/.test(key);

/** The text of every source file. */
const sources = fs
  .readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => fs.readFileSync(path.join('src', file), 'utf8'));

/** Ids in the first argument of a registration. */
const registered = sources.flatMap((text) => Array.from(text.matchAll(/\b(?:registerCommand|register)\(\s*'(seekpod\.[\w.]+)'/g), ([, id]) => id ?? ''));

describe('package.json', () => {
  it('has exactly the settings of the table', () => {
    assert.deepEqual(Object.keys(properties).toSorted(), settingKeys.map((key) => `seekpod.${key}`).toSorted());
  });

  for (const key of settingKeys) {
    it(`has the type, range and default of ${key}`, () => {
      const rule: SettingRule = settingsTable[key];
      const property = properties[`seekpod.${key}`];
      assert.ok(property);
      const { type, minimum, maximum, enum: words, oneOf, additionalProperties, maxLength, pattern, items, maxItems } = property;
      const found = Object.fromEntries(Object.entries({ type, minimum, maximum, enum: words, oneOf, additionalProperties, maxLength, pattern, items, maxItems }).filter(([, value]) => value !== undefined));
      assert.deepEqual(found, schemaOf(rule));
      assert.deepEqual(property.default, rule.default);
      if (property.enumDescriptions !== undefined) assert.equal(property.enumDescriptions.length, property.enum?.length);
    });

    it(`describes ${key} and lets ${ofTheMachine(key) ? 'the machine only' : 'a workspace'} set it`, () => {
      const property = properties[`seekpod.${key}`];
      assert.equal(property?.markdownDescription, `%configuration.${key}%`);
      assert.equal(property.scope, ofTheMachine(key) ? 'machine' : 'window');
    });
  }

  it('contributes the commands that the sources register, and no others', () => {
    assert.deepEqual(contributes.commands.map(({ command }) => command).toSorted(), registered.toSorted());
  });

  it('puts every command but "Ask DeepSeek" into the category Seekpod', () => {
    const without = contributes.commands.filter(({ category }) => category !== '%commands.category%');
    assert.deepEqual(without.map(({ title }) => strings[title.slice(1, -1)]), ['Ask DeepSeek']);
  });

  it('names known commands and submenus only in menus and keybindings', () => {
    const known = new Set([...contributes.commands.map(({ command }) => command), ...contributes.submenus.map(({ id }) => id)]);
    const named = [...Object.values(contributes.menus).flat(), ...contributes.keybindings].map((entry) => ('submenu' in entry && entry.submenu) || entry.command || '');
    assert.deepEqual(named.filter((name) => name.startsWith('seekpod.') && !known.has(name)), []);
  });

  it('has a string for every key and a key for every string', () => {
    const keys = Array.from(manifestText.matchAll(/"%([^%"]+)%"/g), ([, key]) => key ?? '');
    assert.deepEqual([...new Set(keys)].toSorted(), Object.keys(strings).toSorted());
  });

  it('names pictures that exist', () => {
    const pictures = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.image)),
    ];
    assert.deepEqual(pictures.filter((file) => !fs.existsSync(file)), []);
  });
});
