import { answerHeadBytes, requestHeadBytes, type RpcCommandName, rpcCommands, tensorBytes } from '../../src/engine/pod/core/guard/rpcTable.js';

// Messages of ggml's RPC, as its client and its server write them.

export function request(name: RpcCommandName, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(requestHeadBytes);
  head[0] = rpcCommands.findIndex((command) => command.name === name);
  head.writeBigUInt64LE(BigInt(payload.length), 1);
  return Buffer.concat([head, payload]);
}

export function answer(payload: Uint8Array): Buffer {
  const head = Buffer.alloc(answerHeadBytes);
  head.writeBigUInt64LE(BigInt(payload.length));
  return Buffer.concat([head, payload]);
}

export function uint64(...values: readonly (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => bytes.writeBigUInt64LE(BigInt(value), index * 8));
  return bytes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const tensor = Buffer.alloc(tensorBytes, 7);

export const hello = (capabilities = 0): Buffer => request('HELLO', Buffer.alloc(24, capabilities));
export const helloAnswer = (major = 6, capabilities = 0): Buffer => answer(Buffer.concat([Buffer.of(major, 0, 0, 0), Buffer.alloc(24, capabilities)]));
export const allocate = (bytes: number | bigint): Buffer => request('ALLOC_BUFFER', Buffer.concat([uint32(0), uint64(bytes)]));
export const allocated = (handle: number | bigint, bytes: number | bigint): Buffer => answer(uint64(handle, bytes));
export const free = (handle: number | bigint): Buffer => request('FREE_BUFFER', uint64(handle));
export const deviceMemory = request('GET_DEVICE_MEMORY', uint32(0));
export const setTensor = (data: Uint8Array): Buffer => request('SET_TENSOR', Buffer.concat([tensor, uint64(0), data]));
export const setTensorHash = (hash: bigint): Buffer => request('SET_TENSOR_HASH', Buffer.concat([tensor, uint64(0, hash)]));
export const getTensor = (bytes: number | bigint): Buffer => request('GET_TENSOR', Buffer.concat([tensor, uint64(0, bytes)]));
export const recompute = request('GRAPH_RECOMPUTE', uint32(0));
export const compute = request('GRAPH_COMPUTE', Buffer.alloc(12 + tensorBytes, 1));
