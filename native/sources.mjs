// llama.cpp's sources as node-llama-cpp ships them, unpacked once per release.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { run } from './toolchain.mjs';

const patches = path.join(import.meta.dirname, 'patches');

/** The release of llama.cpp that the installed node-llama-cpp pins. */
function releaseName(root) {
  return JSON.parse(fs.readFileSync(path.join(llamaFolder(root), 'binariesGithubRelease.json'), 'utf8')).release;
}

/** The release with the digest of our patches: what is built of other patches need not understand it. */
export function patchedReleaseName(root) {
  const hash = crypto.createHash('sha256');
  for (const file of patchFiles()) hash.update(fs.readFileSync(file));
  return `${releaseName(root)}-${hash.digest('hex').slice(0, 8)}`;
}

/** Folder of everything built for the release that the installed node-llama-cpp pins; another release or patch gives another folder. */
export function releaseFolder(root) {
  return path.join(root, 'native', 'build', patchedReleaseName(root));
}

/** Unpacks the sources with our patches applied and gives their folder. */
export async function unpackSources(root) {
  const target = path.join(releaseFolder(root), 'source');
  if (fs.existsSync(target)) return target;
  const partial = `${target}.part`;
  fs.rmSync(partial, { recursive: true, force: true });
  await run('git', ['-c', 'advice.detachedHead=false', 'clone', '--quiet', path.join(llamaFolder(root), 'gitRelease.bundle'), partial]);
  // A repository of its own, or git would take the paths as those of the project around it.
  for (const file of patchFiles()) await run('git', ['apply', file], { cwd: partial });
  fs.renameSync(partial, target);
  return target;
}

const llamaFolder = (root) => path.join(root, 'node_modules', 'node-llama-cpp', 'llama');

function patchFiles() {
  return fs.readdirSync(patches).sort().map((file) => path.join(patches, file));
}
