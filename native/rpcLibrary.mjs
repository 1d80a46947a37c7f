// libggml-rpc: ggml's backend for layers on other machines, which the prebuilt packages leave out. It is built from the sources of
// the same release and linked against their libggml-base: docs/adr/0005-remote-layers.md.
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { peExports } from './peExports.mjs';
import { patchedReleaseName, releaseFolder, unpackSources } from './sources.mjs';
import { run } from './toolchain.mjs';
import { ensureZig } from './zig.mjs';

/** As CMake builds a module of the release with `GGML_BACKEND_DL`; without RDMA, which `GGML_RPC_RDMA` would add. */
const flags = ['-O2', '-std=c++17', '-shared', '-DNDEBUG', '-DGGML_BACKEND_DL', '-DGGML_BACKEND_SHARED', '-DGGML_BACKEND_BUILD', '-DGGML_SHARED'];
// The library lies in a folder of its own beside libggml-base: see `rpcFolder` of scripts/stageRuntime.mjs.
const elf = { file: 'libggml-rpc.so', flags: ['-fPIC', '-pthread', '-Wl,-rpath,$ORIGIN/..', '-Wl,-z,defs', '-s'] };
const machO = { file: 'libggml-rpc.dylib', flags: ['-fPIC', '-Wl,-rpath,@loader_path/..', '-Wl,-install_name,@rpath/libggml-rpc.dylib'] };
// Windows finds ggml-base.dll by its name, for the process has loaded it already.
const pe = { file: 'ggml-rpc.dll', flags: ['-lws2_32', '-s'] };

/** By VS Code's name of the platform. `zig` is the compiler's name of it, with the oldest system that the prebuilt libraries run on. */
const targets = {
  'linux-x64': { ...elf, zig: 'x86_64-linux-gnu.2.34' },
  'linux-arm64': { ...elf, zig: 'aarch64-linux-gnu.2.34' },
  'darwin-arm64': { ...machO, zig: 'aarch64-macos.14.0' },
  'darwin-x64': { ...machO, zig: 'x86_64-macos.14.0' },
  'win32-x64': { ...pe, zig: 'x86_64-windows-gnu', dlltool: 'i386:x86-64' },
  'win32-arm64': { ...pe, zig: 'aarch64-windows-gnu', dlltool: 'arm64' },
};

const works = (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;

const isHost = (target) => target === `${process.platform}-${process.arch}` && works('c++');
const compilerOf = (target) => (isHost(target) ? [] : ['-target', targets[target].zig]);

/** How the library would be built for a platform, as a digest: with this machine's compiler for itself, with zig (`cross`) for others. `null` when it cannot be. */
export function rpcLibraryRecipe(target, { cross }) {
  const platform = targets[target];
  if (platform === undefined || !works('git') || !(cross || isHost(target))) return null;
  return crypto.createHash('sha256').update(JSON.stringify([flags, platform.flags, compilerOf(target)])).digest('hex').slice(0, 16);
}

/**
 * Builds the library unless it is there. `binaries` is a folder with the platform's prebuilt libggml-base.
 * Gives the folder with the library and `build.json`, which says what it must agree in with another machine's.
 */
export async function buildRpcLibrary(root, target, binaries, say) {
  const { file, flags: own } = targets[target];
  const recipe = rpcLibraryRecipe(target, { cross: true });
  const folder = path.join(releaseFolder(root), 'rpc', target);
  const facts = path.join(folder, 'build.json');
  if (fs.existsSync(facts) && JSON.parse(fs.readFileSync(facts, 'utf8')).recipe === recipe) return folder;

  say(`building libggml-rpc for ${target} (once per release of llama.cpp)`);
  const ggml = path.join(await unpackSources(root), 'ggml');
  const partial = `${folder}.part`;
  fs.rmSync(partial, { recursive: true, force: true });
  fs.mkdirSync(partial, { recursive: true });
  const sources = ['ggml-rpc.cpp', 'transport.cpp'].map((name) => path.join(ggml, 'src', 'ggml-rpc', name));
  const includes = ['include', 'src'].map((name) => `-I${path.join(ggml, name)}`);
  const zig = async (args) => run(await ensureZig(root, say), args, { env: { ...process.env, ZIG_GLOBAL_CACHE_DIR: path.join(root, 'native', 'build', 'zig-cache') } });
  const linked = target.startsWith('win32-') ? await windowsLinking(ggml, target, binaries, partial, zig) : [path.join(binaries, file.replace('-rpc', '-base'))];
  const args = [...compilerOf(target), ...flags, ...includes, ...sources, '-o', path.join(partial, file), ...linked, ...own];
  await (isHost(target) ? run('c++', args) : zig(['c++', ...args]));
  fs.writeFileSync(path.join(partial, 'build.json'), `${JSON.stringify({ llama: patchedReleaseName(root), rpcProtocol: protocolVersion(ggml), recipe })}\n`);
  for (const name of fs.readdirSync(partial)) if (name !== file && name !== 'build.json') fs.rmSync(path.join(partial, name));
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(partial, folder);
  return folder;
}

/**
 * What the linker takes beside the sources, so that Microsoft's ggml-base.dll and this library fit. ggml-base exports everything in it,
 * C library functions too, so only ggml's own names may be taken from there; and MinGW exports only what a list names.
 */
async function windowsLinking(ggml, target, binaries, folder, zig) {
  const list = (name, library, functions) => {
    const place = path.join(folder, name);
    fs.writeFileSync(place, ['LIBRARY ' + library, 'EXPORTS', ...functions, ''].join('\n'));
    return place;
  };
  const offered = peExports(fs.readFileSync(path.join(binaries, 'ggml-base.dll'))).filter((name) => /^ggml_\w+$/.test(name));
  const imports = path.join(folder, 'libggml-base.a');
  await zig(['dlltool', '-m', targets[target].dlltool, '-d', list('base.def', 'ggml-base.dll', offered), '-l', imports]);
  const header = fs.readFileSync(path.join(ggml, 'include', 'ggml-rpc.h'), 'utf8');
  const own = [...header.matchAll(/^GGML_BACKEND_API[^(]*?(\w+)\(/gm)].map(([, name]) => name);
  return [imports, list('exports.def', 'ggml-rpc.dll', ['ggml_backend_init', ...own])];
}

/** The version that a server of these sources says in its greeting. */
function protocolVersion(ggml) {
  const header = fs.readFileSync(path.join(ggml, 'include', 'ggml-rpc.h'), 'utf8');
  return ['MAJOR', 'MINOR', 'PATCH'].map((part) => {
    const value = new RegExp(`#define RPC_PROTO_${part}_VERSION\\s+(\\d+)`).exec(header)?.[1];
    if (value === undefined) throw new Error(`ggml-rpc.h has no RPC_PROTO_${part}_VERSION`);
    return value;
  }).join('.');
}
