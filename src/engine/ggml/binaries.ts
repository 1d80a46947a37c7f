import fs from 'node:fs';
import path from 'node:path';
import { EngineError, hasErrorCode } from '../base/errors.js';

/** What a folder of prebuilt libraries calculates with. */
export type BinaryKind = 'metal' | 'cuda' | 'vulkan' | 'cpu';

/** A folder with the addon of node-llama-cpp and the libraries that it is linked against. */
export interface Binaries {
  readonly kind: BinaryKind;
  readonly folder: string;
}

/** ggml's libraries in one folder, by their paths. Their names hold releases and differ between platforms, so they are found by pattern. */
export interface GgmlLibraries {
  readonly folder: string;
  readonly base: string;
  readonly ggml: string;
}

/** libggml-rpc and what it was built from. */
export interface RpcLibrary {
  readonly library: string;
  readonly facts: string;
}

const addon = 'llama-addon.node';
const baseName = /^(lib)?ggml-base\.(so|dylib|dll)$/;
/** `libggml.so`, `libggml.v0.4.0.so`, `libggml.metal.v0.4.0.dylib`, `ggml.vulkan.v0.4.0.dll`. */
const ggmlName = /^(lib)?ggml(\.[\w.]+)?\.(so|dylib|dll)$/;
const rpcName = /^(lib)?ggml-rpc\.(so|dylib|dll)$/;
/** The best first. */
const kinds: readonly BinaryKind[] = ['metal', 'cuda', 'vulkan', 'cpu'];

/** The folders of prebuilt libraries below `node_modules/@node-llama-cpp`, the ones for GPUs first. */
export function findBinaries(packages: string): readonly Binaries[] {
  const found = list(packages).flatMap((name) =>
    list(path.join(packages, name, 'bins')).flatMap((bins): Binaries[] => {
      const folder = path.join(packages, name, 'bins', bins);
      return list(folder).includes(addon) ? [{ kind: kindOf(name), folder }] : [];
    }),
  );
  return found.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

/** Fails with `remoteLayersUnavailable` when one is missing. */
export function findLibraries(folder: string): GgmlLibraries {
  return { folder, base: find(folder, baseName, 'libggml-base'), ggml: find(folder, ggmlName, 'libggml') };
}

/** In a folder of its own: ggml loads every module beside itself. Fails with `remoteLayersUnavailable` when it was not built. */
export function findRpcLibrary(folder: string): RpcLibrary {
  const own = path.join(folder, 'rpc');
  return { library: find(own, rpcName, 'libggml-rpc'), facts: path.join(own, 'build.json') };
}

function kindOf(packageName: string): BinaryKind {
  return kinds.find((kind) => packageName.endsWith(`-${kind}`)) ?? 'cpu';
}

function find(folder: string, name: RegExp, what: string): string {
  const file = list(folder).find((entry) => name.test(entry));
  if (file === undefined) throw new EngineError({ code: 'remoteLayersUnavailable', reason: `${what} is not in ${folder}` });
  return path.join(folder, file);
}

function list(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
