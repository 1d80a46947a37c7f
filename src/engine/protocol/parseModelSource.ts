import * as v from 'valibot';
import { type ModelSource, modelSourceSchema } from './modelTypes.js';

/** The branch that is meant where none is named. */
const usualRevision = 'main';
/** Names of the hub and of its usual mirror; the endpoint that is set counts too. */
const hubHosts: readonly string[] = ['huggingface.co', 'www.huggingface.co', 'hf.co', 'hf-mirror.com'];

/**
 * Reads where a model is, as people write or copy it; `null` when it is none of these:
 * - `owner/name/file.gguf`, with `@revision` behind it if it is not `main`
 * - `owner/name` or its page on the hub for all models in it, `owner/name:Q4_K_M` for those of one quantization
 * - the address of a file or of its page on the hub
 * - any other address of a file
 * @param endpoint base address of the hub or of its mirror
 */
export function parseModelSource(text: string, endpoint = ''): ModelSource | null {
  const trimmed = text.trim();
  const source = /^https?:\/\//i.test(trimmed) ? fromAddress(trimmed, endpoint) : fromName(trimmed);
  return v.is(modelSourceSchema, source) ? source : null;
}

function fromName(text: string): ModelSource | null {
  const [, repository, file, revision] = /^([\w.-]+\/[\w.-]+)\/([^@]+\.gguf)(?:@([\w./-]+))?$/i.exec(text) ?? [];
  if (repository !== undefined && file !== undefined) return { kind: 'hub', repository, revision: revision ?? usualRevision, file };
  const [, all, quantization] = /^((?![.~])[\w.-]+\/[\w.-]+?)(?::([\w-]+))?$/.exec(text) ?? [];
  return all === undefined || all.endsWith('.gguf') ? null : { kind: 'hub', repository: all, revision: usualRevision, file: quantization === undefined ? '*.gguf' : `*${quantization}*.gguf` };
}

function fromAddress(text: string, endpoint: string): ModelSource | null {
  const address = urlOf(text);
  if (address === null) return null;
  const onHub = hubHosts.includes(address.hostname) || address.host === urlOf(endpoint)?.host;
  const [, repository, revision, file] = /^\/([\w.-]+\/[\w.-]+)\/(?:resolve|blob|raw)\/([^/]+)\/(.+)$/.exec(address.pathname) ?? [];
  if (onHub && repository !== undefined && revision !== undefined && file !== undefined) {
    const [plainRevision, plainFile] = [decoded(revision), decoded(file)];
    return plainRevision === null || plainFile === null ? null : { kind: 'hub', repository, revision: plainRevision, file: plainFile };
  }
  const page = onHub ? /^\/([\w.-]+\/[\w.-]+)(?:\/tree\/([^/]+))?\/?$/.exec(address.pathname) : null;
  const branch = page === null ? null : decoded(page[2] ?? usualRevision);
  if (page?.[1] !== undefined && branch !== null) return { kind: 'hub', repository: page[1], revision: branch, file: '*.gguf' };
  // Any other page of the hub is no file.
  return onHub && !address.pathname.toLowerCase().endsWith('.gguf') ? null : { kind: 'url', url: address.href };
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
