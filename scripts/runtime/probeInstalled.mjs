// Asks an installed layer server what it was built from: whether koffi and libggml-rpc are found where the package has them.
import { fork } from 'node:child_process';

const limitMs = 30_000;

/** Its build and devices in words, or a rejection. */
export function probeInstalled(file, options) {
  return new Promise((resolve, reject) => {
    const child = fork(file, [], { ...options, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error('it ended without an answer'));
    });
    child.once('message', ({ result, error }) => {
      if (result === undefined) reject(new Error(JSON.stringify(error?.data ?? error)));
      else resolve(`llama.cpp ${result.build.llama}, RPC ${result.build.rpcProtocol}, ${result.devices.map(({ name }) => name).join(', ')}`);
      child.kill('SIGKILL');
    });
    child.send({ jsonrpc: '2.0', id: 1, method: 'layers/probe', params: [{ progressToken: null, body: { measure: false } }] });
  });
}
