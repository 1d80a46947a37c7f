// Lays out dist/node_modules: what the worker needs to run, the same for development and in a package.
import fs from 'node:fs';
import path from 'node:path';
import { buildCpuModules, canBuildCpuModules } from '../native/cpuModules.mjs';
import { allCpuVariants, bestCpuVariant } from '../native/cpuVariants.mjs';
import { hostCpuFlags } from '../native/hostCpu.mjs';
import { buildRpcLibrary, rpcLibraryRecipe } from '../native/rpcLibrary.mjs';
import { releaseFolder } from '../native/sources.mjs';
import { bundleBindings } from './runtime/bundleBindings.mjs';
import { filesIn, placeFile, placeFolder } from './runtime/files.mjs';
import { koffiBinary, placeKoffi } from './runtime/placeKoffi.mjs';
import { hostTarget, targetNamed } from './runtime/targets.mjs';

/** A CPU module of ggml that names its instruction set; `libggml-cpu.so` and its like are the only one of their package. */
const cpuModule = /ggml-cpu-[^/\\]+\.(so|dll)$/;
/** ggml's AMX kernels abort the process with DeepSeek's attention: docs/adr/0002-cpu-module.md. */
const refusedModule = /ggml-cpu-sapphirerapids\.(so|dll)$/;
const baseLibrary = /^(lib)?ggml-base\.(so|dylib|dll)$/;
/**
 * Folder of libggml-rpc beside each libggml-base. ggml loads every module that it finds beside itself; models that are wholly on this
 * machine do without this one.
 */
const rpcFolder = 'rpc';

/**
 * Stages the runtime under `root/dist`; does nothing when it is there already.
 * `packageFolders` maps names of prebuilt packages to folders; by default those that npm has installed for this machine.
 * `cross` allows a compiler for other platforms to be fetched.
 */
export async function stageRuntime(root, { target = hostTarget, packageFolders = installedPackages(root, target), koffi = installedKoffi(root, target), everyCpu = false, cross = false } = {}) {
  const destination = path.join(root, 'dist', 'node_modules');
  const variants = canBuildCpuModules(target) ? (everyCpu ? allCpuVariants : [bestCpuVariant(hostCpuFlags())]) : [];
  const remote = koffi === null ? null : rpcLibraryRecipe(target, { cross });
  const stamp = path.join(root, 'dist', '.runtime.json');
  const facts = JSON.stringify({ target, packages: Object.keys(packageFolders), variants, remote, release: path.basename(releaseFolder(root)), versions: versions([...Object.values(packageFolders), ...(koffi === null ? [] : [koffi])]) });
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === facts) return;

  const modules = await cpuModules(root, variants);
  const library = remote === null ? null : await rpcLibrary(root, target, packageFolders);
  fs.rmSync(stamp, { force: true });
  fs.rmSync(destination, { recursive: true, force: true });
  const metafile = await bundleBindings(root, path.join(destination, 'node-llama-cpp'));
  const koffiInputs = koffi === null ? [] : placeKoffi(root, koffi, target, destination);
  const bindingInputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  fs.writeFileSync(path.join(root, 'dist', '.bindingInputs.json'), JSON.stringify([...bindingInputs, ...koffiInputs].sort()));
  for (const [name, folder] of Object.entries(packageFolders)) {
    const place = path.join(destination, '@node-llama-cpp', name);
    placeFolder(folder, place, (file) => !(modules.length > 0 ? cpuModule : refusedModule).test(file));
    for (const binaries of binaryFolders(place)) {
      for (const module of modules) placeFile(module, path.join(binaries, path.basename(module)));
      if (library !== null) placeFolder(library, path.join(binaries, rpcFolder));
    }
  }
  // Without what was wanted the next build tries again.
  if (modules.length === variants.length && (remote === null) === (library === null)) fs.writeFileSync(stamp, facts);
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

/** A build that fails costs the pod, not the engine. */
async function rpcLibrary(root, target, packageFolders) {
  try {
    const binaries = Object.values(packageFolders).flatMap(binaryFolders)[0];
    return binaries === undefined ? null : await buildRpcLibrary(root, target, binaries, (text) => console.log(text));
  } catch (error) {
    console.warn(`libggml-rpc could not be built; models run on this machine alone\n${error.message}`);
    return null;
  }
}

/** Folders below a package that hold ggml's libraries. */
function binaryFolders(folder) {
  return filesIn(folder).filter((file) => baseLibrary.test(path.basename(file))).map((file) => path.join(folder, path.dirname(file)));
}

function installedKoffi(root, target) {
  const folder = path.join(root, 'node_modules', '@koromix', koffiBinary(target));
  return fs.existsSync(folder) ? folder : null;
}

function installedPackages(root, target) {
  const { packages, development } = targetNamed(target);
  const folder = (name) => path.join(root, 'node_modules', '@node-llama-cpp', name);
  return Object.fromEntries([...packages, ...development].filter((name) => fs.existsSync(folder(name))).map((name) => [name, folder(name)]));
}

function versions(folders) {
  return folders.map((folder) => JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).version);
}
