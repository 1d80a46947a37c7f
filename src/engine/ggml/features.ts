import type { GgmlLibraries } from './binaries.js';
import { type Handle, type Koffi, loadLibrary, nullHandle } from './native.js';

/** What a backend can do beyond ggml's common interface, found by name in it. Signatures: ggml-backend.h. */
export interface Extras {
  /** `KEPT_THREADS` and the like, with their values; none for backends without a list. */
  features(device: Handle): ReadonlyMap<string, string>;
  /** Threads of a backend of the processor; nothing for others. */
  setThreads(device: Handle, backend: Handle, threads: number): void;
}

/** The list of features is bounded by an entry without a name; this only bounds a broken one. */
const mostFeatures = 256;

/** Fails with `remoteLayersUnavailable`. */
export function openExtras(koffi: Koffi, libraries: GgmlLibraries): Extras {
  const base = loadLibrary(koffi, libraries.base);
  const registryOf: (device: Handle) => Handle = base.func('void *ggml_backend_dev_backend_reg(void *device)');
  const find: (registry: Handle, name: string) => Handle | null = base.func('void *ggml_backend_reg_get_proc_address(void *registry, const char *name)');
  const listFeatures = koffi.proto('void *(void *registry)');
  const setThreads = koffi.proto('void (void *backend, int threads)');
  const feature = koffi.struct({ name: 'const char *', value: 'const char *' });
  const present = (handle: Handle | null): handle is Handle => handle !== null && handle !== nullHandle;
  return {
    features(device) {
      const registry = registryOf(device);
      const list = find(registry, 'ggml_backend_get_features');
      const found = new Map<string, string>();
      if (!present(list)) return found;
      const first: unknown = koffi.call(list, listFeatures, registry);
      for (let index = 0; index < mostFeatures; index++) {
        const entry: { name: string | null; value: string | null } = koffi.decode(first, index * koffi.sizeof(feature), feature);
        if (entry.name === null) break;
        found.set(entry.name, entry.value ?? '');
      }
      return found;
    },
    setThreads(device, backend, threads) {
      const set = find(registryOf(device), 'ggml_backend_set_n_threads');
      if (present(set)) koffi.call(set, setThreads, backend, threads);
    },
  };
}
