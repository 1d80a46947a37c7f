import { nullHandle, readHandle, readUint32, readUint64 } from './littleEndian.js';
import { rpcProtocol, type RpcCommandName } from './rpcTable.js';

/** Larger than any device's memory. */
const absurdBytes = 2 ** 48;
const absurdAlignment = 2 ** 20;

/**
 * Why an answer cannot be true, or `null`. ggml's client believes whatever it is told, and ends its process over some of it. `asked` is the
 * size that an allocation asked for.
 */
export function answerProblem(command: RpcCommandName, payload: Uint8Array, asked: number): string | null {
  switch (command) {
    case 'HELLO': {
      const [major = 0, minor = 0, patch = 0] = payload;
      return major === rpcProtocol.major && minor === rpcProtocol.minor ? null : `RPC protocol ${major}.${minor}.${patch}`;
    }
    case 'DEVICE_COUNT': {
      const count = readUint32(payload, 0);
      return count === 1 ? null : `${count} devices in place of one`;
    }
    case 'GET_ALIGNMENT': {
      const alignment = readUint64(payload, 0);
      return alignment > 0 && alignment <= absurdAlignment && Number.isInteger(Math.log2(alignment)) ? null : `an alignment of ${alignment}`;
    }
    case 'GET_MAX_SIZE':
      return readUint64(payload, 0) > 0 ? null : 'buffers of at most 0 bytes';
    case 'GET_ALLOC_SIZE': {
      const bytes = readUint64(payload, 0);
      return bytes <= absurdBytes ? null : `a tensor of ${bytes} bytes`;
    }
    case 'BUFFER_GET_BASE':
      return readUint64(payload, 0) > 0 ? null : 'a buffer at address 0';
    case 'ALLOC_BUFFER': {
      const bytes = readUint64(payload, 8);
      if (readHandle(payload, 0) === nullHandle ? bytes === 0 : bytes >= asked && bytes <= absurdBytes) return null;
      return `a buffer of ${bytes} bytes where ${asked} were asked for`;
    }
    default:
      return null;
  }
}
