// A layer server at the seam of its wire for what the real one will not do on demand. The device's name says how it behaves:
//   ok            speaks ggml's RPC; a tensor that is read is made of its length's last byte
//   refuses       answers `layers/serve` with remoteLayersUnavailable
//   dies          aborts, as ggml does, before it listens
//   silent        never listens
//   taken-FILE    says as ggml that the port is taken while FILE is there, which it removes
//   abort         like ok, and aborts at the first GRAPH_COMPUTE
//   lies          like ok, and answers twice what is asked for
//   mute          like ok, and answers nothing after HELLO
import fs from 'node:fs';
import net from 'node:net';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, ResponseError } from 'vscode-jsonrpc/node';

const lengths = [16, 8, 8, 8, null, null, null, 1, 'requested', 1, null, 16, null, 8, 28, 4, null, null];
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
process.on('disconnect', () => process.exit());
const device = { name: 'ok', kind: 'cpu', description: 'a fake', memoryBytes: 1e9, freeBytes: 1e9, bandwidth: 1e10, layerOverhead: 1e-5 };
connection.onRequest('layers/probe', ({ body }) => ({ build: { llama: 'fake', rpcProtocol: '6.0.0' }, devices: [{ ...device, bandwidth: body.measure ? 1e10 : 0 }] }));

connection.onRequest('layers/serve', async ({ body: { device, port, cacheDirectory } }) => {
  if (device === 'refuses') return new ResponseError(-32_000, 'no', { code: 'remoteLayersUnavailable', reason: 'it is only a test' });
  if (device === 'dies') {
    process.stderr.write('ggml.c:1: GGML_ASSERT(false) failed\n', () => process.abort());
    return null;
  }
  const taken = device.startsWith('taken-') ? device.slice(6) : null;
  if (taken !== null && fs.existsSync(taken)) {
    fs.rmSync(taken);
    process.stderr.write('Failed to create server socket\n', () => process.exit());
    return null;
  }
  if (device !== 'silent') serve(device, port, cacheDirectory);
  return null;
});
connection.listen();

function serve(device, port, cacheDirectory) {
  net.createServer((socket) => {
    let bytes = Buffer.alloc(0);
    let handle = 1n;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 9) {
        const command = bytes[0];
        const length = Number(bytes.readBigUInt64LE(1));
        if (bytes.length < 9 + length) return;
        const payload = bytes.subarray(9, 9 + length);
        bytes = bytes.subarray(9 + length);
        if (command === 10 && device === 'abort') process.abort();
        if (command === 6 && cacheDirectory !== null && length > 304) fs.writeFileSync(`${cacheDirectory}/00000000000000ab`, payload.subarray(304));
        const size = lengths[command] === 'requested' ? Number(payload.readBigUInt64LE(304)) : lengths[command];
        if (size === null || (device === 'mute' && command !== 14)) continue;
        const answer = Buffer.alloc(8 + size, size & 255);
        answer.writeBigUInt64LE(BigInt(device === 'lies' && command !== 14 ? 2 * size : size));
        if (command === 0) {
          answer.writeBigUInt64LE(handle++, 8);
          payload.copy(answer, 16, 4, 12);
        }
        if (command === 7) answer[8] = 0;
        if (command === 15) answer.writeUInt32LE(1, 8);
        if (command === 14) answer.fill(0, 8).writeUInt8(6, 8);
        socket.write(answer);
      }
    });
  }).listen(port, '127.0.0.1');
}
