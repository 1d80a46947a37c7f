import { EngineError } from '../../base/errors.js';
import type { ModelSource } from '../../protocol/modelTypes.js';
import { splitName } from '../gguf/splitName.js';
import { fileOf } from './catalogue.js';

/**
 * Where the parts of a model are, the first one first. `endpoint` is the hub's base address or that of a mirror, which serves
 * `/{owner}/{name}/resolve/{revision}/{path}` as the hub does (https://huggingface.co/docs/hub/models-downloading).
 * @throws EngineError `unknownModel` for what the catalogue does not have, `notOnServer` for a path that leads out of its repository and for what is no address
 */
export function urlOf(source: ModelSource, endpoint: string): string[] {
  switch (source.kind) {
    case 'catalogue': {
      const file = fileOf(source);
      if (file === null) throw new EngineError({ code: 'unknownModel', model: `${source.model} ${source.file}` });
      return file.parts.map((part) => resolveUrl(endpoint, file.repository, file.revision ?? 'main', part.file));
    }
    case 'hub':
      return (splitName(source.file)?.names ?? [source.file]).map((name) => resolveUrl(endpoint, source.repository, source.revision, name));
    case 'url':
      return partUrls(source.url);
  }
}

function resolveUrl(endpoint: string, repository: string, revision: string, file: string): string {
  const base = endpoint.replace(/\/+$/, '');
  const segments = [...repository.split('/'), 'resolve', revision, ...file.split('/')];
  if (segments.some((segment) => /^\.{0,2}$/.test(segment))) throw new EngineError({ code: 'notOnServer', url: `${base}/${repository}/${file}` });
  return [base, ...segments.map((segment) => encodeURIComponent(segment))].join('/');
}

/** The siblings of a part have the same address but for the name. */
function partUrls(address: string): string[] {
  if (!URL.canParse(address)) throw new EngineError({ code: 'notOnServer', url: address });
  const url = new URL(address);
  return (splitName(url.pathname)?.names ?? [url.pathname]).map((pathname) => Object.assign(new URL(url), { pathname }).href);
}
