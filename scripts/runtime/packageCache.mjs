// Prebuilt packages of other platforms, which npm does not install here.
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../../native/toolchain.mjs';
import { koffiBinary } from './placeKoffi.mjs';
import { targetNamed } from './targets.mjs';

/** Folders of a target's packages by name: installed ones where there are, else fetched from the registry into a cache. */
export async function packageFolders(root, target, say) {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'node_modules', 'node-llama-cpp', 'package.json'), 'utf8'));
  const folders = {};
  for (const name of targetNamed(target).packages) {
    const installed = path.join(root, 'node_modules', '@node-llama-cpp', name);
    folders[name] = fs.existsSync(installed) ? installed : await fetchPackage(root, '@node-llama-cpp', name, version, say);
  }
  return folders;
}

/** Folder of koffi's binary for a target, found as the others are. */
export async function koffiFolder(root, target, say) {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'node_modules', 'koffi', 'package.json'), 'utf8'));
  const installed = path.join(root, 'node_modules', '@koromix', koffiBinary(target));
  return fs.existsSync(installed) ? installed : fetchPackage(root, '@koromix', koffiBinary(target), version, say);
}

async function fetchPackage(root, scope, name, version, say) {
  const folder = path.join(root, 'native', 'build', 'packages', `${name}-${version}`);
  if (fs.existsSync(folder)) return path.join(folder, 'package');
  say(`fetching ${scope}/${name} ${version}`);
  const partial = `${folder}.part`;
  fs.rmSync(partial, { recursive: true, force: true });
  fs.mkdirSync(partial, { recursive: true });
  // npm checks what it fetched against the registry's hash.
  await run('npm', ['pack', '--silent', `${scope}/${name}@${version}`], { cwd: partial, shell: process.platform === 'win32' });
  const [archive] = fs.readdirSync(partial).filter((file) => file.endsWith('.tgz'));
  await run('tar', ['-xzf', archive], { cwd: partial });
  fs.rmSync(path.join(partial, archive));
  fs.renameSync(partial, folder);
  return path.join(folder, 'package');
}
