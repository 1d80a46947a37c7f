import type { GgufHeader } from './ggufHeader.js';

/** What the file calls itself, else its own name. */
export function nameOf(metadata: GgufHeader['metadata'], fileName: string): string {
  const name = metadata.get('general.name');
  return (typeof name === 'string' && name.trim() !== '' ? name.trim() : fileName.replace(/\.gguf$/i, '')).slice(0, 256);
}
