// koffi calls the C functions of ggml. Of its 20 MB the loader and one platform's binary are needed.
import path from 'node:path';
import { filesIn, placeFile } from './files.mjs';

const loader = ['package.json', 'LICENSE.txt', 'index.cjs', 'index.js', 'src/koffi/index.cjs', 'src/koffi/index.js', 'src/koffi/src/static.cjs', 'src/koffi/src/static.js'];
/** VS Code on Linux runs on glibc. */
const unused = /^musl_/;

/** Name of the package with koffi's binary for a platform. */
export const koffiBinary = (target) => `koffi-${target}`;

/** Lays koffi out in `destination`, a node_modules folder; gives the placed files of the loader. `binary` is the platform's package. */
export function placeKoffi(root, binary, target, destination) {
  const source = path.join(root, 'node_modules', 'koffi');
  for (const file of loader) placeFile(path.join(source, file), path.join(destination, 'koffi', file));
  for (const file of filesIn(binary).filter((name) => !unused.test(name) && /(^package\.json|\.js|\.node)$/.test(name))) {
    placeFile(path.join(binary, file), path.join(destination, '@koromix', koffiBinary(target), file));
  }
  return loader.map((file) => `node_modules/koffi/${file}`);
}
