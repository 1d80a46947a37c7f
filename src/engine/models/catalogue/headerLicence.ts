import type { Licence } from '../../protocol/modelTypes.js';
import type { GgufHeader } from '../gguf/ggufHeader.js';
import { catalogue } from './catalogue.js';

/** How the hub's model cards, and so the files made from them, call licences of the catalogue. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['deepseek', 'deepseek-model'],
  ['deepseek-license', 'deepseek-model'],
]);

/** The licence that a file names (`general.license` and its kin); `null` where it names none. Nobody has checked whether it may. */
export function headerLicence({ metadata }: Pick<GgufHeader, 'metadata'>): Licence | null {
  const text = (key: string): string => {
    const value = metadata.get(key);
    return typeof value === 'string' ? value.trim().slice(0, 256) : '';
  };
  const [id, name, url] = [text('general.license'), text('general.license.name'), text('general.license.link')];
  const said = id === '' ? name : id;
  if (said === '') return null;
  const names = [id, name].map((word) => word.toLowerCase()).map((word) => otherNames.get(word) ?? word);
  const known = catalogue.licences.find((licence) => names.includes(licence.id));
  return known ?? { id: said, name: name === '' ? said : name, url: /^https?:\/\//.test(url) ? url : null, restricted: false };
}
