import type { NetworkOptions } from '../../protocol/modelTypes.js';

/** How models are fetched before anybody has said how. Proxies and certificates of the environment are heeded in any case. */
export const usualNetwork: NetworkOptions = { endpoint: 'https://huggingface.co', token: null, proxy: null, noProxy: [], strictTls: true, certificates: [], directory: null };
