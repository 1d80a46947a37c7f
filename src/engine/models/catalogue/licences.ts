import type { Licence } from '../../protocol/modelTypes.js';
import { catalogue } from './catalogue.js';
import type { CatalogueModel } from './catalogueSchema.js';
import apache from './licences/apache-2.0.txt';
import deepseek from './licences/deepseek-model.txt';
import llama31 from './licences/llama3.1.txt';
import llama33 from './licences/llama3.3.txt';
import mit from './licences/mit.txt';

const texts: ReadonlyMap<string, string> = new Map([
  ['apache-2.0', apache],
  ['deepseek-model', deepseek],
  ['llama3.1', llama31],
  ['llama3.3', llama33],
  ['mit', mit],
]);

/** Joins the ids of licences that apply together. */
const joint = '+';

/** All licences of a model as one: its id is understood by `licenceText`. */
export function licenceOf({ licences }: Pick<CatalogueModel, 'licences'>): Licence {
  const found = catalogue.licences.filter((licence) => licences.includes(licence.id));
  // The one that binds is the one to look up.
  const leading = found.find((licence) => licence.restricted) ?? found[0];
  return { id: licences.join(joint), name: found.map((licence) => licence.name).join(', '), url: leading?.url ?? null, restricted: leading?.restricted ?? false };
}

/** The text of a licence, or of several that apply together; `null` for one that is not known. */
export function licenceText(id: string): string | null {
  const found = id.split(joint).map((name) => texts.get(name));
  return found.includes(undefined) ? null : found.join(`\n\n${'─'.repeat(40)}\n\n`);
}
