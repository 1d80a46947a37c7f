// Serves one file over HTTP with ranges, on loopback: node rangeServer.mjs FILE. Prints its port.
import fs from 'node:fs';
import http from 'node:http';

const file = process.argv[2];
const bytes = fs.statSync(file).size;
const server = http.createServer((request, response) => {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(first ?? 0);
  const end = last ? Math.min(Number(last), bytes - 1) : bytes - 1;
  const part = first === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${bytes}` };
  response.writeHead(first === undefined ? 200 : 206, { 'accept-ranges': 'bytes', 'content-length': end - start + 1, etag: '"bench"', ...part });
  if (request.method === 'HEAD') response.end();
  else fs.createReadStream(file, { start, end, highWaterMark: 1_048_576 }).on('error', () => response.destroy()).pipe(response);
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
process.once('disconnect', () => process.exit());
