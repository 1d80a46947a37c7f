import fs from 'node:fs';
import path from 'node:path';

/** Places a file as a hard link, or as a copy where links are not possible. */
export function placeFile(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.rmSync(to, { force: true });
  try {
    fs.linkSync(from, to);
  } catch {
    fs.copyFileSync(from, to);
  }
}

/** Places the files of a folder that `keep` accepts by their path inside it. */
export function placeFolder(from, to, keep = () => true) {
  for (const file of filesIn(from)) {
    if (keep(file)) placeFile(path.join(from, file), path.join(to, file));
  }
}

/** Paths of all files in a folder, relative to it, in a fixed order. */
export function filesIn(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
