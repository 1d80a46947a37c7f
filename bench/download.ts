import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { fetchFile } from '../src/engine/models/fetch/fetchFile.js';
import { httpSource } from '../src/engine/models/fetch/httpSource.js';
import { openNetwork } from '../src/engine/models/fetch/network.js';
import { usualNetwork } from '../src/engine/models/fetch/usualNetwork.js';

/** Seconds. */
export interface DownloadTimes {
  /** Fetched in parallel pieces, verified and on the disk. */
  readonly ours: number;
  /** One stream into a file, which nobody verifies. */
  readonly bare: number;
  /** The checksum alone, of what is in the memory. */
  readonly hash: number;
  /** By which the thread's timers were late at worst, but for one in a hundred, while it was fetched. */
  readonly late: number;
}

/** Fetches a file of `bytes` bytes with the checksum `sha256` in both ways, to `target` and `target.bare`, which are gone afterwards. */
export async function measureDownload(url: string, bytes: number, sha256: string, target: string): Promise<DownloadTimes> {
  const { signal } = new AbortController();
  const network = openNetwork(usualNetwork);
  const late = monitorEventLoopDelay({ resolution: 5 });
  try {
    late.enable();
    const ours = await secondsOf(async () => {
      const source = await httpSource(url, network, signal);
      await fetchFile({ sources: [source], part: target, bytes, sha256, onProgress: () => undefined, signal });
    });
    late.disable();
    const bare = await secondsOf(async () => {
      const { body } = await fetch(url);
      if (body !== null) await pipeline(body, fs.createWriteStream(`${target}.bare`, { flush: true }));
    });
    return { ours, bare, hash: await secondsOf(async () => hashOf(bytes)), late: late.percentile(99) / 1e9 };
  } finally {
    late.disable();
    network.dispose();
    for (const file of [target, `${target}.journal`, `${target}.bare`]) fs.rmSync(file, { force: true });
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

function hashOf(bytes: number): Hash {
  const piece = Buffer.alloc(1_048_576, 1);
  const hash = createHash('sha256');
  for (let at = 0; at < bytes; at += piece.length) hash.update(piece);
  return hash;
}
