import path from 'node:path';

/** What ships inside the extension, below its root folder. */
export interface BundledFiles {
  readonly daemon: string;
  readonly worker: string;
  readonly layerServer: string;
  /** The small demonstration model, so that everything works before any download. */
  readonly model: string;
}

export function bundledFiles(root: string): BundledFiles {
  return {
    daemon: path.join(root, 'dist', 'daemon.cjs'),
    worker: path.join(root, 'dist', 'worker.mjs'),
    layerServer: path.join(root, 'dist', 'layerServer.cjs'),
    model: path.join(root, 'models', 'calf-q8_0.gguf'),
  };
}
