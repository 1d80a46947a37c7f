import type { NetworkOptions } from '../../protocol/modelTypes.js';
import { usualEndpoint } from '../../protocol/usualEndpoint.js';

/** How models are fetched before anybody has said how. Proxies and certificates of the environment are heeded in any case. */
export const usualNetwork: NetworkOptions = { endpoint: usualEndpoint, token: null, proxy: null, noProxy: [], strictTls: true, certificates: [], directory: null };
