import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A copy of what is staged, for the processor alone and as it is where no compiler was: without libggml-rpc. Gives the folder. */
export function withoutRpcLibrary(): string {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-without-rpc-'));
  const kept = (source: string): boolean => !/[/\\](rpc$|[\w-]+-(cuda|vulkan|cuda-ext)$)/.test(source);
  fs.cpSync('dist/node_modules', path.join(place, 'node_modules'), { recursive: true, filter: kept });
  for (const file of ['worker.mjs', 'layerServer.cjs']) fs.copyFileSync(path.join('dist', file), path.join(place, file));
  return place;
}
