import fs from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { EngineError } from '../engine/base/errors.js';
import { type NetworkOptions, networkOptionsSchema } from '../engine/protocol/modelTypes.js';
import { validateSettings } from '../host/settingsValidation.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The hub or its mirror, as the environment names it. */
export function endpointOf(env: Environment): string {
  return variable(env, 'hf_endpoint') ?? validateSettings(() => undefined).settings.models.endpoint;
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * How to fetch, by the variables that other tools take too: `HF_ENDPOINT`, `HF_TOKEN`, `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and
 * `NODE_EXTRA_CA_CERTS`. `null` where none is set: then what a window has said stays.
 * @throws EngineError `fileUnreadable` for the certificates, `serverUnreachable` for an address that is none
 */
export async function networkOfEnvironment(env: Environment): Promise<NetworkOptions | null> {
  const endpoint = endpointOf(env);
  const token = variable(env, 'hf_token');
  const authorities = variable(env, 'node_extra_ca_certs');
  const proxy = proxyFor(endpoint, env);
  if (variable(env, 'hf_endpoint') === null && token === null && authorities === null && proxy === null) return null;
  const options: NetworkOptions = {
    endpoint,
    token,
    proxy,
    noProxy: (variable(env, 'no_proxy') ?? '').split(/[\s,]+/).filter((host) => host !== ''),
    strictTls: true,
    certificates: authorities === null ? [] : await certificatesIn(authorities),
    directory: null,
  };
  for (const address of [options.endpoint, proxy]) {
    if (address !== null && !v.is(networkOptionsSchema.entries.endpoint, address)) throw new EngineError({ code: 'serverUnreachable', host: address, reason: 'it is not an http address' });
  }
  return v.parse(networkOptionsSchema, options);
}

function proxyFor(address: string, env: Environment): string | null {
  const named = variable(env, address.startsWith('http:') ? 'http_proxy' : 'https_proxy') ?? variable(env, 'all_proxy');
  // Written without a scheme by many.
  return named === null || /^\w+:\/\//.test(named) ? named : `http://${named}`;
}

/** Of proxies both spellings are in use; the one in small letters comes first, as in curl. */
function variable(env: Environment, name: string): string | null {
  return env[name]?.trim() || env[name.toUpperCase()]?.trim() || null;
}

async function certificatesIn(file: string): Promise<string[]> {
  try {
    return (await fs.readFile(path.resolve(file), 'utf8')).match(certificate) ?? [];
  } catch (error) {
    throw new EngineError({ code: 'fileUnreadable', path: file, reason: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
}
