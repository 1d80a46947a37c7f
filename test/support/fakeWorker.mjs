// A worker at the seam of the worker wire for what the real one will not do on demand. The model's path says how it behaves:
//   ok            answers `tokens 0, 1, 2 …` up to maxTokens, goes on after `resume`
//   die-at-N      the same, and dies by abort() each time it has made N tokens itself
//   deaf-at-N     the same, and hears nothing more once it has made N tokens itself
//   die-loading   dies in the load
//   bad-file      the load fails with notGguf
//   slow-load     the load reports half and never ends
//   reduced       like ok, and has got less than it was to have
//   slow-N        like ok, and waits at token N until it is cancelled
import path from 'node:path';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, ResponseError } from 'vscode-jsonrpc/node';

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
process.on('disconnect', () => process.exit());
let behaviour = '';

const fail = (failure) => new ResponseError(-32_000, failure.code, failure);
const progress = (token, value) => connection.sendProgress({ method: '' }, token, value);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const whenCancelled = (token) => new Promise((resolve) => token.onCancellationRequested(() => resolve(fail({ code: 'cancelled' }))));

connection.onRequest('worker/load', async ({ progressToken, body }, token) => {
  behaviour = path.basename(body.model.path);
  if (body.remote) await connection.sendRequest('worker/localMemory', { progressToken: null, body: { freeBytes: 5 } });
  await progress(progressToken, { progress: 0.5 });
  if (behaviour === 'die-loading') process.abort();
  if (behaviour === 'bad-file') return fail({ code: 'notGguf', path: body.model.path });
  if (behaviour === 'slow-load') return whenCancelled(token);
  const info = (context) =>
    context && {
      name: behaviour, path: body.model.path, architecture: 'fake', fileBytes: 1, contextSize: 2_048, layers: 1, gpuLayers: 0, gpu: 'cpu',
      threads: 1, remoteMachines: body.remote?.endpoints.length ?? 0, fim: true, kvType: behaviour === 'reduced' ? 'q8_0' : 'f16', lora: [],
      memoryBytes: { ram: 1, vram: 0 },
    };
  return { completion: info(body.completion), chat: info(body.chat), layerDevices: body.remote && ['CPU', 'RPC0'], reduced: behaviour === 'reduced', wrongRole: null };
});

async function generate({ progressToken, body: { request, resume } }, token) {
  await progress(progressToken, { kind: 'started', promptTokens: 3, cachedTokens: 0, droppedTurns: 0 });
  const [verb, , limit] = behaviour.split('-');
  let made = 0;
  for (let next = resume.length; next < request.maxTokens; next++) {
    if (token.isCancellationRequested) return fail({ code: 'cancelled' });
    if (behaviour.startsWith('slow-') && next === Number(behaviour.slice(5))) return whenCancelled(token);
    if (verb === 'die' && made === Number(limit)) {
      // What was sent must be on its way first.
      await new Promise((resolve) => setTimeout(resolve, 50));
      process.abort();
    }
    // Without an event loop, as in native code that does not come back.
    if (verb === 'deaf' && made === Number(limit)) await new Promise((resolve) => setTimeout(resolve, 50)).then(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    await progress(progressToken, { kind: 'text', text: `${next} `, tokens: [next] });
    made++;
    await turn();
  }
  const stats = {
    promptTokens: 3, cachedTokens: 0, evaluatedTokens: 3, generatedTokens: request.maxTokens, timeToFirstTokenMs: 1, promptTokensPerSecond: 1,
    decodeTokensPerSecond: 1,
  };
  return { finish: 'length', stats };
}
connection.onRequest('worker/chat', generate);
connection.onRequest('worker/complete', generate);
connection.onRequest('worker/countTokens', ({ body }) => body.text.length);
connection.listen();
