import { throwIfAborted } from '../base/async.js';
import { EngineError } from '../base/errors.js';
import { findLibraries, findRpcLibrary } from '../ggml/binaries.js';
import { openRegistry, type Registry } from '../ggml/devices.js';
import { loadKoffi, nullHandle } from '../ggml/native.js';
import { openRpc, type Rpc } from '../ggml/rpc.js';

/** The registry of one folder's libggml, to which servers on other machines are added before a model is loaded. */
export class RemoteLayers {
  private constructor(private readonly registry: Registry, private readonly rpc: Rpc) {}

  /** `folder` holds the addon that will load the model. Fails with `remoteLayersUnavailable`. */
  static async open(folder: string): Promise<RemoteLayers> {
    const koffi = await loadKoffi();
    return new RemoteLayers(openRegistry(koffi, findLibraries(folder)), openRpc(koffi, findRpcLibrary(folder)));
  }

  /** Bytes that llama.cpp will see free on the GPUs here: integrated ones count only where there is no other (`llama_prepare_model_devices`). */
  localFreeBytes(): number {
    const devices = this.registry.devices();
    const gpus = devices.filter(({ kind }) => kind === 'gpu');
    const used = gpus.length > 0 ? gpus : devices.filter(({ kind }) => kind === 'integratedGpu');
    return used.reduce((sum, { freeBytes }) => sum + freeBytes, 0);
  }

  /** Connects to ggml RPC servers. llama.cpp gives their devices the names RPC0, RPC1, … and their layers in this order. */
  async register(endpoints: readonly string[], signal: AbortSignal): Promise<void> {
    for (const endpoint of endpoints) {
      throwIfAborted(signal);
      const backend = await this.rpc.addServer(endpoint);
      if (backend === nullHandle) throw new EngineError({ code: 'remoteLayersUnavailable', reason: `the server at ${endpoint} has no device` });
      this.registry.register(backend);
    }
  }
}
