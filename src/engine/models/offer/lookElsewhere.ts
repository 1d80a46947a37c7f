import type { ModelSource, NetworkOptions } from '../../protocol/modelTypes.js';
import { urlOf } from '../catalogue/addresses.js';
import { fileOf } from '../catalogue/catalogue.js';
import { httpSource } from '../fetch/httpSource.js';
import { type Network, openNetwork } from '../fetch/network.js';
import { readRemoteHeader } from '../fetch/remoteHeader.js';
import type { OfferedModel } from '../fit/buildOffers.js';
import type { GgufHeader } from '../gguf/ggufHeader.js';
import { fileNameOf } from '../store/target.js';
import { fromHeaders, type LookedAt } from './offeredModel.js';

/** Parts that are looked at at the same time. */
const atOnce = 8;

interface Part {
  readonly header: GgufHeader;
  readonly bytes: number;
  readonly sha256: string | null;
}

/**
 * A model elsewhere, by the headers of its parts alone.
 * @throws EngineError `unknownModel`, as `httpSource` and `readRemoteHeader`, `cancelled`
 */
export async function lookElsewhere(source: ModelSource, options: NetworkOptions, installed: LookedAt['installed'], signal: AbortSignal): Promise<OfferedModel> {
  const urls = urlOf(source, options.endpoint);
  const network = openNetwork(options);
  try {
    const parts: Part[] = [];
    for (let at = 0; at < urls.length; at += atOnce) parts.push(...(await Promise.all(urls.slice(at, at + atOnce).map((url) => readPart(url, network, signal)))));
    return fromHeaders({
      source,
      fileName: fileNameOf(urls[0] ?? ''),
      headers: parts.map(({ header }) => header),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
      verified: fileOf(source)?.verified ?? parts.every(({ sha256 }) => sha256 !== null),
      installed,
    });
  } finally {
    network.dispose();
  }
}

async function readPart(url: string, network: Network, signal: AbortSignal): Promise<Part> {
  const source = await httpSource(url, network, signal);
  const header = await readRemoteHeader(source, signal, url);
  return { header, bytes: source.bytes ?? header.endOffset, sha256: source.sha256 };
}
