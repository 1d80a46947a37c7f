/**
 * The messages of ggml's RPC, as `ggml/src/ggml-rpc/ggml-rpc.cpp` defines them. Everything is little-endian and packed:
 *   request: command (1 byte), length (8 bytes), payload
 *   answer:  length (8 bytes), payload; in the order of the requests, for the commands that answer
 */
export const rpcProtocol = { major: 6, minor: 0, patch: 0 } as const;

export const requestHeadBytes = 9;
export const answerHeadBytes = 8;

/** Size of `rpc_tensor`: a tensor's type, shape, operation, sources, place and name. */
export const tensorBytes = 296;
/** Size of `conn_caps` in both messages of HELLO; all zero means plain TCP. */
export const capabilityBytes = 24;
/** Tensors over this size are first asked for by their hash (`HASH_THRESHOLD`), and kept on the lender's disk. */
export const hashThreshold = 10 * 1_024 * 1_024;

/** Most bytes of a serialised graph. A node takes 8 bytes and a tensor 296: this is room for some 200,000 tensors. */
const graphBytes = 64 * 1_024 * 1_024;

/** A length that is always the same, or one within bounds; `buffer` is bounded by the memory that the connection has allocated. */
export type RequestLength = number | { readonly atLeast: number; readonly atMost: number | 'buffer' };

export interface RpcCommand {
  /** As in the source, without `RPC_CMD_`. */
  readonly name: string;
  /** Bytes of the request's payload. */
  readonly request: RequestLength;
  /** Bytes of the answer's payload, `requested` where the request says it, `null` where there is no answer. */
  readonly answer: number | 'requested' | null;
}

/** The command's number is its place. */
export const rpcCommands = [
  { name: 'ALLOC_BUFFER', request: 12, answer: 16 },
  { name: 'GET_ALIGNMENT', request: 4, answer: 8 },
  { name: 'GET_MAX_SIZE', request: 4, answer: 8 },
  { name: 'BUFFER_GET_BASE', request: 8, answer: 8 },
  { name: 'FREE_BUFFER', request: 8, answer: null },
  { name: 'BUFFER_CLEAR', request: 9, answer: null },
  { name: 'SET_TENSOR', request: { atLeast: tensorBytes + 8, atMost: 'buffer' }, answer: null },
  { name: 'SET_TENSOR_HASH', request: tensorBytes + 16, answer: 1 },
  { name: 'GET_TENSOR', request: tensorBytes + 16, answer: 'requested' },
  { name: 'COPY_TENSOR', request: 2 * tensorBytes, answer: 1 },
  { name: 'GRAPH_COMPUTE', request: { atLeast: 12, atMost: graphBytes }, answer: null },
  { name: 'GET_DEVICE_MEMORY', request: 4, answer: 16 },
  { name: 'INIT_TENSOR', request: tensorBytes, answer: null },
  { name: 'GET_ALLOC_SIZE', request: 4 + 11 * tensorBytes, answer: 8 },
  { name: 'HELLO', request: capabilityBytes, answer: 4 + capabilityBytes },
  { name: 'DEVICE_COUNT', request: 0, answer: 4 },
  { name: 'GRAPH_RECOMPUTE', request: 4, answer: null },
  { name: 'MEMSET_TENSOR', request: tensorBytes + 17, answer: null },
] as const satisfies readonly RpcCommand[];

/** HELLO keeps its number in every version of the protocol. */
export const helloCommand = 14;

export type RpcCommandName = (typeof rpcCommands)[number]['name'];
