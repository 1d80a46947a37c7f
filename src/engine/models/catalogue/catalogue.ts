import * as v from 'valibot';
import type { ModelSource } from '../../protocol/modelTypes.js';
import { splitName } from '../gguf/splitName.js';
import data from './catalogue.json';
import { type Catalogue, type CatalogueFile, type CatalogueModel, catalogueSchema } from './catalogueSchema.js';

/** The models that ship with Seekpod by name: where their files are, and what can be said of them before the download. */
export const catalogue: Catalogue = v.parse(catalogueSchema, data);

/** What a source is in the catalogue. */
export interface CatalogueEntry {
  readonly model: CatalogueModel;
  readonly file: CatalogueFile;
}

/**
 * Finds a source in the catalogue, also one that was named by its repository: it is the same file if the revision is. `null` for
 * anything else.
 */
export function entryOf(source: ModelSource): CatalogueEntry | null {
  switch (source.kind) {
    case 'catalogue':
      return find((file, model) => model.id === source.model && file.id === source.file);
    case 'hub': {
      const path = splitName(source.file)?.names[0] ?? source.file;
      return find((file) => file.repository === source.repository && (file.revision ?? 'main') === source.revision && file.parts[0]?.file === path);
    }
    case 'url':
      return null;
  }
}

export function fileOf(source: ModelSource): CatalogueFile | null {
  return entryOf(source)?.file ?? null;
}

/** The model that a file on the disk is by its name, the path left out; people rename files rarely, and never to the name of another model. */
export function modelNamed(fileName: string): CatalogueModel | null {
  return find((file) => file.parts.some((part) => part.file.split('/').at(-1)?.toLowerCase() === fileName.toLowerCase()))?.model ?? null;
}

function find(wanted: (file: CatalogueFile, model: CatalogueModel) => boolean): CatalogueEntry | null {
  for (const model of catalogue.models) {
    const file = model.files.find((candidate) => wanted(candidate, model));
    if (file !== undefined) return { model, file };
  }
  return null;
}
