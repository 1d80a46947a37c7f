import type { GgmlLibraries } from './binaries.js';
import { type Handle, type Koffi, loadLibrary } from './native.js';

/** A device as ggml's registry has it. Memory is in bytes, asked for now. */
export interface GgmlDevice {
  readonly handle: Handle;
  readonly name: string;
  readonly description: string;
  readonly kind: 'cpu' | 'gpu' | 'integratedGpu' | 'other';
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** ggml's registry of backends, of which there is one per loaded libggml. Signatures: ggml-backend.h. */
export interface Registry {
  /** Loads the modules of a folder; of several for the processor the best one that runs here. */
  loadModules(folder: string): void;
  register(backend: Handle): void;
  devices(): readonly GgmlDevice[];
}

/** `enum ggml_backend_dev_type`; later values are accelerators beside the processor, and combinations. */
const kinds = ['cpu', 'gpu', 'integratedGpu'] as const;

/** Fails with `remoteLayersUnavailable`. */
export function openRegistry(koffi: Koffi, libraries: GgmlLibraries): Registry {
  // libggml is linked against libggml-base and finds it beside itself, or loaded already.
  const base = loadLibrary(koffi, libraries.base);
  const ggml = loadLibrary(koffi, libraries.ggml);
  const loadAll: (folder: string) => void = ggml.func('void ggml_backend_load_all_from_path(const char *folder)');
  const register: (backend: Handle) => void = ggml.func('void ggml_backend_register(void *backend)');
  const count: () => number = ggml.func('size_t ggml_backend_dev_count()');
  const get: (index: number) => Handle = ggml.func('void *ggml_backend_dev_get(size_t index)');
  const nameOf: (device: Handle) => string = base.func('const char *ggml_backend_dev_name(void *device)');
  const descriptionOf: (device: Handle) => string = base.func('const char *ggml_backend_dev_description(void *device)');
  const typeOf: (device: Handle) => number = base.func('int ggml_backend_dev_type(void *device)');
  const memoryOf: (device: Handle, free: [number], total: [number]) => void = base.func(
    'void ggml_backend_dev_memory(void *device, _Out_ size_t *free, _Out_ size_t *total)',
  );
  return {
    loadModules: loadAll,
    register,
    devices: () =>
      Array.from({ length: count() }, (_, index) => {
        const handle = get(index);
        const free: [number] = [0];
        const total: [number] = [0];
        memoryOf(handle, free, total);
        return { handle, name: nameOf(handle), description: descriptionOf(handle), kind: kinds[typeOf(handle)] ?? 'other', freeBytes: free[0], totalBytes: total[0] };
      }),
  };
}
