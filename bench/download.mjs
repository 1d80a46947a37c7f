// A download over loopback beside one bare stream into a file: what pieces, journal and checksum cost, and how the thread fares.
import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { median } from './statistics.mjs';

const bytes = 512 * 1_048_576;

export async function download({ seekpod, rounds, say }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-download-'));
  const file = path.join(folder, 'model.gguf');
  const hash = createHash('sha256');
  const piece = randomBytes(16 * 1_048_576);
  for (let at = 0; at < bytes; at += piece.length) {
    fs.appendFileSync(file, piece);
    hash.update(piece);
  }
  const sha256 = hash.digest('hex');
  const server = fork(path.join(import.meta.dirname, 'rangeServer.mjs'), [file]);
  try {
    const [port] = await once(server, 'message');
    const times = [];
    for (let round = 0; round <= rounds; round++) {
      say(`round ${round} of ${rounds}`);
      const measured = await seekpod.measureDownload(`http://127.0.0.1:${port}/model.gguf`, bytes, sha256, path.join(folder, 'model.gguf.part'));
      // The first one warms up.
      if (round > 0) times.push(measured);
    }
    const middle = (of) => median(times.map(of));
    return [
      { what: 'verified and on the disk, median', value: middle(({ ours }) => bytes / 1e6 / ours), unit: 'MB/s' },
      { what: 'bare stream ÷ ours, seconds', value: middle(({ ours, bare }) => bare / ours), unit: 'ratio' },
      { what: 'checksum alone ÷ ours, seconds', value: middle(({ ours, hash }) => hash / ours), unit: 'ratio' },
      { what: 'lateness of timers meanwhile, 99th percentile', value: middle(({ late }) => late * 1_000), unit: 'ms' },
    ];
  } finally {
    server.disconnect();
    fs.rmSync(folder, { recursive: true });
  }
}
