// A layer server at the seam of its wire for what the real one will not do on demand. The device's name says how it behaves:
//   ok            speaks ggml's RPC; a tensor that is read is made of its length's last byte
//   refuses       answers `layers/serve` with remoteLayersUnavailable
//   dies          aborts, as ggml does, before it listens
//   silent        never listens
//   late-FILE     the first time, writes its port to FILE and waits for FILE.go before it listens; then like ok
//   abort         like ok, and aborts at the first GRAPH_COMPUTE
//   lies          like ok, and answers twice what is asked for
//   mute          like ok, and answers nothing after HELLO
import fs from 'node:fs';
import net from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, ResponseError } from 'vscode-jsonrpc/node';

const lengths = [16, 8, 8, 8, null, null, null, 1, 'requested', 1, null, 16, null, 8, 28, 4, null, null];
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
process.on('disconnect', () => process.exit());
const device = { name: 'ok', kind: 'cpu', description: 'a fake', memoryBytes: 1e9, freeBytes: 1e9, bandwidth: 1e10, layerOverhead: 1e-5 };
const refusal = (reason) => new ResponseError(-32_000, 'no', { code: 'remoteLayersUnavailable', reason });
connection.onRequest('layers/probe', ({ body }) => ({ build: { llama: 'fake', rpcProtocol: '6.0.0' }, devices: [{ ...device, bandwidth: body.measure ? 1e10 : 0 }] }));

connection.onRequest('layers/serve', async ({ body: { device, port, cacheDirectory } }) => {
  if (device === 'refuses') return refusal('it is only a test');
  if (device === 'dies') {
    process.stderr.write('ggml.c:1: GGML_ASSERT(false) failed\n', () => process.abort());
    return null;
  }
  if (device.startsWith('late-') && !fs.existsSync(device.slice(5))) {
    fs.writeFileSync(device.slice(5), String(port));
    while (!fs.existsSync(`${device.slice(5)}.go`)) await setTimeout(5);
  }
  if (device === 'silent') return null;
  return new Promise((resolve) => serve(device, port, cacheDirectory, resolve));
});
connection.listen();

function serve(device, port, cacheDirectory, answer) {
  const server = net.createServer((socket) => {
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
  });
  server.once('error', () => answer(refusal('it cannot listen')));
  server.listen(port, '127.0.0.1', () => answer(null));
}
