/** The file name of a model without what all files of it have: `/m/R1-Q4_K_M-00001-of-00003.gguf` → `R1-Q4_K_M`. */
export function modelFileName(path: string): string {
  const file = path.split(/[\\/]/).pop() ?? path;
  return file.replace(/\.gguf$/i, '').replace(/-00001-of-\d{5}$/, '');
}

/** Whether the user's word for a model means this file. `*` stands for any characters; case and the ending do not matter. */
export function namesModel(pattern: string, path: string): boolean {
  const parts = modelFileName(pattern.trim()).toLowerCase().split('*');
  const name = modelFileName(path).toLowerCase();
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
