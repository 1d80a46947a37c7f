// Lays out dist/node_modules: what the worker needs to run, the same for development and in a package.
import fs from 'node:fs';
import path from 'node:path';
import { buildCpuModules, canBuildCpuModules } from '../native/cpuModules.mjs';
import { allCpuVariants, bestCpuVariant } from '../native/cpuVariants.mjs';
import { hostCpuFlags } from '../native/hostCpu.mjs';
import { releaseFolder } from '../native/sources.mjs';
import { bundleBindings } from './runtime/bundleBindings.mjs';
import { filesIn, placeFile, placeFolder } from './runtime/files.mjs';
import { hostTarget, targetNamed } from './runtime/targets.mjs';

/** A CPU module of ggml that names its instruction set; `libggml-cpu.so` and its like are the only one of their package. */
const cpuModule = /ggml-cpu-[^/\\]+\.(so|dll)$/;
/** ggml's AMX kernels abort the process with DeepSeek's attention: docs/adr/0002-cpu-module.md. */
const refusedModule = /ggml-cpu-sapphirerapids\.(so|dll)$/;

/**
 * Stages the runtime under `root/dist`; does nothing when it is there already.
 * `packageFolders` maps names of prebuilt packages to folders; by default those that npm has installed for this machine.
 */
export async function stageRuntime(root, { target = hostTarget, packageFolders = installedPackages(root, target), everyCpu = false } = {}) {
  const destination = path.join(root, 'dist', 'node_modules');
  const variants = canBuildCpuModules(target) ? (everyCpu ? allCpuVariants : [bestCpuVariant(hostCpuFlags())]) : [];
  const stamp = path.join(root, 'dist', '.runtime.json');
  const facts = JSON.stringify({ target, packages: Object.keys(packageFolders), variants, release: path.basename(releaseFolder(root)), versions: versions(packageFolders) });
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === facts) return;

  const modules = await cpuModules(root, variants);
  fs.rmSync(stamp, { force: true });
  fs.rmSync(destination, { recursive: true, force: true });
  const metafile = await bundleBindings(root, path.join(destination, 'node-llama-cpp'));
  fs.writeFileSync(path.join(root, 'dist', '.bindingInputs.json'), JSON.stringify(Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs)).sort()));
  for (const [name, folder] of Object.entries(packageFolders)) {
    const place = path.join(destination, '@node-llama-cpp', name);
    placeFolder(folder, place, (file) => !(modules.length > 0 ? cpuModule : refusedModule).test(file));
    for (const binaries of new Set(filesIn(place).filter((file) => file.endsWith('libggml-base.so')).map((file) => path.dirname(file)))) {
      for (const module of modules) placeFile(module, path.join(place, binaries, path.basename(module)));
    }
  }
  // Without the modules that were wanted the next build tries again.
  if (modules.length === variants.length) fs.writeFileSync(stamp, facts);
}

/** A build that fails costs speed, not the engine: the prebuilt modules do the same work. */
async function cpuModules(root, variants) {
  try {
    return variants.length === 0 ? [] : await buildCpuModules(root, variants, (text) => console.log(text));
  } catch (error) {
    console.warn(`the CPU module could not be built; the prebuilt one is used, which is slower with several threads\n${error.message}`);
    return [];
  }
}

function installedPackages(root, target) {
  const { packages, development } = targetNamed(target);
  const folder = (name) => path.join(root, 'node_modules', '@node-llama-cpp', name);
  return Object.fromEntries([...packages, ...development].filter((name) => fs.existsSync(folder(name))).map((name) => [name, folder(name)]));
}

function versions(packageFolders) {
  return Object.values(packageFolders).map((folder) => JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).version);
}
