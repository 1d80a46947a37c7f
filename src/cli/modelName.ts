import path from 'node:path';
import { parseModelSource } from '../engine/protocol/parseModelSource.js';
import type { Download, FileOffer, InstalledModel, ModelOffer, ModelSource } from '../engine/protocol/modelTypes.js';

/** What the user's word means among those there are. */
export type Found<T> = { readonly kind: 'one'; readonly found: T } | { readonly kind: 'none' } | { readonly kind: 'several'; readonly names: readonly string[] };

/** A file of the catalogue, as it is typed: `coder-1.3b-base:Q4_K_M`. */
export function offerName(model: Pick<ModelOffer, 'id'>, file: Pick<FileOffer, 'id'>): string {
  return `${model.id}:${file.id}`;
}

/** A source, as it is typed. */
export function sourceName(source: ModelSource): string {
  switch (source.kind) {
    case 'catalogue':
      return `${source.model}:${source.file}`;
    case 'hub':
      return `${source.repository}/${source.file}${source.revision === 'main' ? '' : `@${source.revision}`}`;
    case 'url':
      return source.url;
  }
}

/** Finds an installed model by what one can say of it: id, name, file, path, or where it came from. */
export function findInstalled(installed: readonly InstalledModel[], word: string): Found<InstalledModel> {
  const wanted = word.trim().toLowerCase();
  const says = (model: InstalledModel): readonly string[] => [
    model.id,
    model.name,
    `${model.name}:${model.quantization}`,
    path.basename(model.path),
    model.path,
    ...(model.source === null ? [] : [sourceName(model.source), ...(model.source.kind === 'catalogue' ? [model.source.model] : [])]),
  ];
  return only(
    installed.filter((model) => says(model).some((text) => text.toLowerCase() === wanted) || model.path === path.resolve(word)),
    ({ id }) => id,
  );
}

/** Finds a download by its id, its name or where it comes from. */
export function findDownload(downloads: readonly Download[], word: string): Found<Download> {
  const wanted = word.trim().toLowerCase();
  const place = parseModelSource(word);
  const says = ({ id, name, quantization, source }: Download): readonly string[] => [id, name, `${name}:${quantization}`, sourceName(source)];
  return only(
    downloads.filter((download) => says(download).some((text) => text.toLowerCase() === wanted) || (place !== null && sourceName(place) === sourceName(download.source))),
    ({ id }) => id,
  );
}

export interface OfferedFile {
  readonly offer: ModelOffer;
  readonly file: FileOffer;
}

/** The files of the catalogue that a word names: by their model and, behind a colon, their quantization. */
export function filesCalled(offers: readonly ModelOffer[], word: string): OfferedFile[] {
  const [, model = '', quantization] = /^(.*?)(?::([^:]*))?$/s.exec(word.trim().toLowerCase()) ?? [];
  return offers
    .filter(({ id, name }) => id.toLowerCase() === model || name.toLowerCase() === model)
    .flatMap((offer) => offer.files.map((file) => ({ offer, file })))
    .filter(({ file }) => quantization === undefined || file.id.toLowerCase() === quantization || file.quantization.toLowerCase() === quantization);
}

/** The one file of the catalogue that a word names. Without a quantization it is the one that is recommended, or the only one. */
export function findOffered(offers: readonly ModelOffer[], word: string): Found<OfferedFile> {
  const files = filesCalled(offers, word);
  const recommended = files.filter(({ file }) => file.recommendedFor.length > 0);
  return only(recommended.length === 1 ? recommended : files, ({ offer, file }) => offerName(offer, file));
}

function only<T>(found: readonly T[], nameOf: (one: T) => string): Found<T> {
  const [first, ...others] = found;
  if (first === undefined) return { kind: 'none' };
  return others.length === 0 ? { kind: 'one', found: first } : { kind: 'several', names: found.map(nameOf) };
}
