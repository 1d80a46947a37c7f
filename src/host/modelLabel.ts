import { modelFileName } from './modelPattern.js';

const longest = 28;

/** A short name for a model file: `/models/DeepSeek-Coder-V2-Lite-Q4_K_M.gguf` → `DeepSeek-Coder-V2-Lite-Q4_K…`. */
export function modelLabel(path: string): string {
  const name = modelFileName(path);
  return name.length > longest ? `${name.slice(0, longest - 1)}…` : name;
}
