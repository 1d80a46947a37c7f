import fs from 'node:fs';
import * as v from 'valibot';
import { EngineError } from '../base/errors.js';
import { type Build, buildSchema } from '../protocol/podTypes.js';
import type { RpcLibrary } from './binaries.js';

/**
 * What a libggml-rpc was built from, as its build wrote it beside it: the release of llama.cpp that the other libraries have too, and
 * the version of the RPC protocol in the sources. Fails with `remoteLayersUnavailable`.
 */
export function readBuild({ facts }: RpcLibrary): Build {
  try {
    return v.parse(buildSchema, JSON.parse(fs.readFileSync(facts, 'utf8')));
  } catch (error) {
    throw new EngineError({ code: 'remoteLayersUnavailable', reason: `${facts} does not say what libggml-rpc was built from` }, { cause: error });
  }
}
