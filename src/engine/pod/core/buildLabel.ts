import type { Build } from '../../protocol/podTypes.js';

/** A build of the library for remote layers, as messages and findings name it. */
export function buildLabel({ llama, rpcProtocol }: Build): string {
  return `llama.cpp ${llama}, RPC ${rpcProtocol}`;
}
