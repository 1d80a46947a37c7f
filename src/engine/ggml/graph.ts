import type { GgmlLibraries } from './binaries.js';
import { type Handle, type Koffi, loadLibrary, nullHandle } from './native.js';

/** Enough of ggml to build a graph of tensors and to calculate it on a device. Signatures: ggml.h, ggml-alloc.h, ggml-backend.h. */
export interface Graphs {
  /** `null` when the device cannot be opened. */
  openDevice(device: Handle): Handle | null;
  closeDevice(backend: Handle): void;
  /** Room for so many tensors and one graph of them; their data lies elsewhere. */
  newContext(tensors: number): Handle;
  freeContext(context: Handle): void;
  vector(context: Handle, length: number): Handle;
  /** `type` is a value of `tensorTypes`; `columns` is the length of a row. */
  matrix(context: Handle, type: number, columns: number, rows: number): Handle;
  bytes(tensor: Handle): number;
  multiply(context: Handle, matrix: Handle, vector: Handle): Handle;
  add(context: Handle, a: Handle, b: Handle): Handle;
  multiplyElements(context: Handle, a: Handle, b: Handle): Handle;
  scale(context: Handle, a: Handle, factor: number): Handle;
  silu(context: Handle, a: Handle): Handle;
  softMax(context: Handle, a: Handle): Handle;
  normalise(context: Handle, a: Handle, epsilon: number): Handle;
  /** The graph that leads to a tensor. */
  graphOf(context: Handle, tensor: Handle): Handle;
  /** Memory on the device for all tensors of a context; `null` when there is not enough. */
  allocate(context: Handle, backend: Handle): Handle | null;
  fill(buffer: Handle, byte: number): void;
  freeBuffer(buffer: Handle): void;
  /** Calculates and waits for the end. Answers whether it went well. */
  compute(backend: Handle, graph: Handle): boolean;
}

/** Of `enum ggml_type`. */
export const tensorTypes = { f32: 0, f16: 1, q8_0: 8 } as const;

const succeeded = 0;
const mostNodes = 8_192;

/** Fails with `remoteLayersUnavailable`. */
export function openGraphs(koffi: Koffi, libraries: GgmlLibraries): Graphs {
  const base = loadLibrary(koffi, libraries.base);
  const params = koffi.struct({ size: 'size_t', buffer: 'void *', noAllocation: 'bool' });
  const init: (params: { size: number; buffer: null; noAllocation: boolean }) => Handle = base.func('ggml_init', 'void *', [params]);
  const tensorOverhead: () => number = base.func('size_t ggml_tensor_overhead()');
  const graphOverhead: (nodes: number, gradients: boolean) => number = base.func('size_t ggml_graph_overhead_custom(size_t nodes, bool gradients)');
  const newGraph: (context: Handle, nodes: number, gradients: boolean) => Handle = base.func('void *ggml_new_graph_custom(void *context, size_t nodes, bool gradients)');
  const expand: (graph: Handle, tensor: Handle) => void = base.func('void ggml_build_forward_expand(void *graph, void *tensor)');
  const open: (device: Handle, options: null) => Handle | null = base.func('void *ggml_backend_dev_init(void *device, const char *options)');
  const allocate: (context: Handle, backend: Handle) => Handle | null = base.func('void *ggml_backend_alloc_ctx_tensors(void *context, void *backend)');
  const compute: (backend: Handle, graph: Handle) => number = base.func('int ggml_backend_graph_compute(void *backend, void *graph)');
  const present = (handle: Handle | null): Handle | null => (handle === nullHandle ? null : handle);
  return {
    openDevice: (device) => present(open(device, null)),
    closeDevice: base.func('void ggml_backend_free(void *backend)'),
    newContext: (tensors) => init({ size: tensors * tensorOverhead() + graphOverhead(mostNodes, false), buffer: null, noAllocation: true }),
    freeContext: base.func('void ggml_free(void *context)'),
    vector: vectorOf(base.func('void *ggml_new_tensor_1d(void *context, int type, int64_t length)')),
    matrix: base.func('void *ggml_new_tensor_2d(void *context, int type, int64_t columns, int64_t rows)'),
    bytes: base.func('size_t ggml_nbytes(const void *tensor)'),
    multiply: base.func('void *ggml_mul_mat(void *context, void *matrix, void *vector)'),
    add: base.func('void *ggml_add(void *context, void *a, void *b)'),
    multiplyElements: base.func('void *ggml_mul(void *context, void *a, void *b)'),
    scale: base.func('void *ggml_scale(void *context, void *a, float factor)'),
    silu: base.func('void *ggml_silu(void *context, void *a)'),
    softMax: base.func('void *ggml_soft_max(void *context, void *a)'),
    normalise: base.func('void *ggml_rms_norm(void *context, void *a, float epsilon)'),
    graphOf(context, tensor) {
      const graph = newGraph(context, mostNodes, false);
      expand(graph, tensor);
      return graph;
    },
    allocate: (context, backend) => present(allocate(context, backend)),
    fill: base.func('void ggml_backend_buffer_clear(void *buffer, uint8_t byte)'),
    freeBuffer: base.func('void ggml_backend_buffer_free(void *buffer)'),
    // Includes the wait: ggml_backend_graph_compute synchronises.
    compute: (backend, graph) => compute(backend, graph) === succeeded,
  };
}

function vectorOf(create: (context: Handle, type: number, length: number) => Handle): Graphs['vector'] {
  return (context, length) => create(context, tensorTypes.f32, length);
}
