import type { RpcLibrary } from './binaries.js';
import { type Handle, inThread, type Koffi, loadLibrary } from './native.js';

/** Both ends of ggml's RPC. Signatures: ggml-rpc.h. */
export interface Rpc {
  /** Connects to a server and gives the backend to register; `nullHandle` when it has no device. The process aborts when nobody listens. */
  addServer(endpoint: string): Promise<Handle>;
  /** Serves devices, one client after the other. Settles only when it cannot listen or accept. `cacheDirectory` keeps weights over 10 MiB. */
  startServer(endpoint: string, cacheDirectory: string | null, threads: number, devices: readonly Handle[]): Promise<void>;
}

interface Async<A extends unknown[], R> {
  async(...args: [...A, (error: unknown, result: R) => void]): void;
}

/** Needs an open registry: libggml-rpc takes libggml-base from it. Fails with `remoteLayersUnavailable`. */
export function openRpc(koffi: Koffi, { library }: RpcLibrary): Rpc {
  const rpc = loadLibrary(koffi, library);
  const add: Async<[string], Handle> = rpc.func('void *ggml_backend_rpc_add_server(const char *endpoint)');
  const start: Async<[string, string | null, number, number, readonly Handle[]], void> = rpc.func(
    'void ggml_backend_rpc_start_server(const char *endpoint, const char *cache, size_t threads, size_t count, void **devices)',
  );
  return {
    addServer: (endpoint) => inThread((done) => add.async(endpoint, done)),
    startServer: (endpoint, cacheDirectory, threads, devices) => inThread((done) => start.async(endpoint, cacheDirectory, threads, devices.length, devices, done)),
  };
}
