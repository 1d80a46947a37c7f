/** `name-00001-of-00003.gguf`: how llama.cpp splits a model into parts. */
const partName = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;
const mostParts = 1_000;

/** What the name of a part says; the names of all parts are those of its siblings. */
export interface SplitName {
  /** From 1. */
  readonly index: number;
  readonly names: readonly string[];
}

/** Takes the name of a part apart, the path to it included; `null` for the name of a whole file and for one that makes no sense. */
export function splitName(file: string): SplitName | null {
  const [, stem, index, count] = partName.exec(file) ?? [];
  const parts = Number(count);
  if (stem === undefined || !(parts >= 1 && parts <= mostParts) || Number(index) < 1 || Number(index) > parts) return null;
  return { index: Number(index), names: Array.from({ length: parts }, (_, part) => `${stem}-${String(part + 1).padStart(5, '0')}-of-${count}${file.slice(-'.gguf'.length)}`) };
}
