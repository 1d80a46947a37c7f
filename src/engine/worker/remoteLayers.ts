import { raceAbort } from '../base/async.js';
import { EngineError } from '../base/errors.js';
import { type BinaryKind, findBinaries, findLibraries, findRpcLibrary } from '../ggml/binaries.js';
import { openRegistry, type Registry } from '../ggml/devices.js';
import { loadKoffi, nullHandle } from '../ggml/native.js';
import { openRpc, type Rpc } from '../ggml/rpc.js';

/** ggml RPC servers on loopback that hold layers, and whom to tell what is free here. */
export interface RemoteServers {
  /** In the order in which their layers follow each other. */
  readonly endpoints: readonly string[];
  /** See `localMemoryRequest`. */
  readonly localMemory: (freeBytes: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Adds servers to the registry from which llama.cpp takes its devices, before a model is loaded. */
export class RemoteLayers {
  private constructor(private readonly registry: Registry, private readonly rpc: Rpc, private readonly servers: RemoteServers) {}

  /** For the libraries of one kind below `packages`: those that will load the model. Fails with `remoteLayersUnavailable`. */
  static async open(packages: string, kind: BinaryKind, servers: RemoteServers): Promise<RemoteLayers> {
    const binaries = findBinaries(packages).find((candidate) => candidate.kind === kind);
    if (binaries === undefined) throw new EngineError({ code: 'remoteLayersUnavailable', reason: `there are no libraries for ${kind} in ${packages}` });
    const koffi = await loadKoffi();
    return new RemoteLayers(openRegistry(koffi, findLibraries(binaries.folder)), openRpc(koffi, findRpcLibrary(binaries.folder)), servers);
  }

  /**
   * Connects to the servers. llama.cpp gives their devices the names RPC0, RPC1, …. Says what is free here before anything asks the
   * servers for their memory: their answers depend on it.
   */
  async connect(): Promise<void> {
    await this.servers.localMemory(this.#localFreeBytes());
    for (const endpoint of this.servers.endpoints) {
      // One that does not answer keeps its thread until the process ends.
      const backend = await raceAbort(this.rpc.addServer(endpoint), this.servers.signal);
      if (backend === nullHandle) throw new EngineError({ code: 'remoteLayersUnavailable', reason: `the server at ${endpoint} has no device` });
      this.registry.register(backend);
    }
  }

  /** What llama.cpp will see free on the GPUs here: integrated ones count only where there is no other (`llama_prepare_model_devices`). */
  #localFreeBytes(): number {
    const devices = this.registry.devices();
    const gpus = devices.filter(({ kind }) => kind === 'gpu');
    const used = gpus.length > 0 ? gpus : devices.filter(({ kind }) => kind === 'integratedGpu');
    return used.reduce((sum, { freeBytes }) => sum + freeBytes, 0);
  }
}
