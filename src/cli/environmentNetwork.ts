import fs from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { type Environment, proxyVariable, variable } from '../engine/base/environment.js';
import { EngineError, messageOf } from '../engine/base/errors.js';
import { type NetworkOptions, networkOptionsSchema } from '../engine/protocol/modelTypes.js';
import { usualEndpoint } from '../engine/protocol/usualEndpoint.js';

/** The hub or its mirror, as the environment names it. */
export function endpointOf(env: Environment): string {
  return variable(env, 'HF_ENDPOINT') ?? usualEndpoint;
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * How to fetch, by the variables that other tools take too: `HF_ENDPOINT`, `HF_TOKEN`, `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and
 * `NODE_EXTRA_CA_CERTS`. `null` where none is set: then what a window has said stays.
 * @throws EngineError `fileUnreadable` for the certificates, `serverUnreachable` for an address that is none
 */
export async function networkOfEnvironment(env: Environment): Promise<NetworkOptions | null> {
  const endpoint = endpointOf(env);
  const token = variable(env, 'HF_TOKEN');
  const authorities = variable(env, 'NODE_EXTRA_CA_CERTS');
  const proxy = proxyFor(endpoint, env);
  if (variable(env, 'HF_ENDPOINT') === null && token === null && authorities === null && proxy === null) return null;
  const options: NetworkOptions = {
    endpoint,
    token,
    proxy,
    noProxy: (variable(env, 'NO_PROXY') ?? '').split(/[\s,]+/).filter((host) => host !== ''),
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
  return proxyVariable(env, address.startsWith('http:') ? 'HTTP_PROXY' : 'HTTPS_PROXY') ?? proxyVariable(env, 'ALL_PROXY');
}

async function certificatesIn(file: string): Promise<string[]> {
  try {
    return (await fs.readFile(path.resolve(file), 'utf8')).match(certificate) ?? [];
  } catch (error) {
    throw new EngineError({ code: 'fileUnreadable', path: file, reason: messageOf(error) }, { cause: error });
  }
}
