// Sends tensors to an RPC server as fast as it takes them. argv: JSON of { port, blockBytes, blocks }; prints bytes per second.
import net from 'node:net';
import { once } from 'node:events';

const { port, blockBytes, blocks } = JSON.parse(process.argv[2]);
const command = { allocBuffer: 0, getAlignment: 1, bufferGetBase: 3, setTensor: 6, hello: 14 };
const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
await once(socket, 'connect');

let received = Buffer.alloc(0);
socket.on('data', (chunk) => {
  received = Buffer.concat([received, chunk]);
});
/** The payload of the next answer. */
async function answer() {
  while (received.length < 8 || received.length < 8 + Number(received.readBigUInt64LE())) await once(socket, 'data');
  const length = Number(received.readBigUInt64LE());
  const payload = received.subarray(8, 8 + length);
  received = received.subarray(8 + length);
  return payload;
}
async function send(code, ...parts) {
  const head = Buffer.alloc(9);
  head[0] = code;
  head.writeBigUInt64LE(BigInt(parts.reduce((sum, part) => sum + part.length, 0)), 1);
  let room = true;
  for (const part of [head, ...parts]) room = socket.write(part);
  if (!room) await once(socket, 'drain');
}
const uint64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

await send(command.hello, Buffer.alloc(24));
await answer();
await send(command.allocBuffer, Buffer.alloc(4), uint64(blockBytes));
const buffer = (await answer()).readBigUInt64LE();
await send(command.bufferGetBase, uint64(buffer));
const base = (await answer()).readBigUInt64LE();
// `rpc_tensor` of 32-bit floats that fills the buffer.
const tensor = Buffer.alloc(296);
tensor.writeBigUInt64LE(buffer, 12);
for (const [index, size] of [blockBytes / 4, 1, 1, 1].entries()) tensor.writeUInt32LE(size, 20 + 4 * index);
for (const [index, stride] of [4, blockBytes, blockBytes, blockBytes].entries()) tensor.writeUInt32LE(stride, 36 + 4 * index);
tensor.writeBigUInt64LE(base, 220);
const data = Buffer.alloc(blockBytes, 1);
/** Answered when everything before it has been taken. */
const settled = async () => {
  await send(command.getAlignment, Buffer.alloc(4));
  await answer();
};
await send(command.setTensor, tensor, uint64(0), data);
await settled();
const begun = performance.now();
for (let block = 0; block < blocks; block++) await send(command.setTensor, tensor, uint64(0), data);
await settled();
console.log(JSON.stringify((blockBytes * blocks * 1_000) / (performance.now() - begun)));
process.exit(0);
