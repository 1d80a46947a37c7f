import { fitsWildcard } from '../engine/base/wildcard.js';

/** The file name of a model without what all files of it have: `/m/R1-Q4_K_M-00001-of-00003.gguf` → `R1-Q4_K_M`. */
export function modelFileName(path: string): string {
  const file = path.split(/[\\/]/).pop() ?? path;
  return file.replace(/\.gguf$/i, '').replace(/-00001-of-\d{5}$/, '');
}

/** Whether the user's word for a model means this file. `*` stands for any characters; case and the ending do not matter. */
export function namesModel(pattern: string, path: string): boolean {
  return fitsWildcard(modelFileName(pattern.trim()), modelFileName(path));
}
