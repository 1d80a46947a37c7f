import path from 'node:path';
import type { NetworkOptions } from '../../../engine/protocol/modelTypes.js';
import type { Places } from '../../engineOptions.js';
import { modelPath } from '../../engineOptions.js';
import type { Settings } from '../../settingsTable.js';

/** VS Code's settings for the network as they are written, unchecked. */
export interface HttpSettings {
  readonly proxy: unknown;
  readonly proxySupport: unknown;
  readonly noProxy: unknown;
  readonly proxyStrictSSL: unknown;
}

const isHttp = (value: unknown): value is string => typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);

function noProxy(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((host): host is string => typeof host === 'string' && host.length <= 256) : [];
}

/** How models are fetched under these settings: VS Code's own for proxy and certificates, ours for the address and the folder. */
export function networkOptions(settings: Settings, http: HttpSettings, token: string | null, certificates: readonly string[], places: Places): NetworkOptions {
  const { endpoint, directory } = settings.models;
  const folder = directory.trim() === '' ? null : modelPath(directory, places);
  const off = http.proxySupport === 'off';
  return {
    endpoint,
    token,
    proxy: !off && isHttp(http.proxy) ? http.proxy : null,
    noProxy: off ? ['*'] : noProxy(http.noProxy),
    strictTls: http.proxyStrictSSL !== false,
    certificates: [...certificates],
    directory: folder !== null && path.isAbsolute(folder) ? folder : null,
  };
}
