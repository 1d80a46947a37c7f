// ggml's CPU modules with threads that are kept between decode steps: docs/adr/0002-cpu-module.md.
import fs from 'node:fs';
import path from 'node:path';
import { releaseFolder, unpackSources } from './sources.mjs';
import { compileJobs, hasToolchain, run } from './toolchain.mjs';

/** As node-llama-cpp builds its own modules, so that these fit its prebuilt libggml-base. */
const configuration = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DBUILD_SHARED_LIBS=ON',
  '-DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON',
  '-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON',
  '-DCMAKE_INSTALL_RPATH=$ORIGIN',
  '-DGGML_BACKEND_DL=ON',
  '-DGGML_CPU_ALL_VARIANTS=ON',
  '-DGGML_NATIVE=OFF',
  '-DGGML_OPENMP=OFF',
  '-DLLAMA_BUILD_COMMON=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_TOOLS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_BUILD_SERVER=OFF',
];

/** Whether the modules can be built on this machine for the platform; elsewhere the prebuilt ones are used. */
export function canBuildCpuModules(platform) {
  return platform === 'linux-x64' && process.platform === 'linux' && process.arch === 'x64' && hasToolchain();
}

/** Builds what is missing of the variants and gives the paths of their modules. `say` hears before a long step. */
export async function buildCpuModules(root, variants, say) {
  const build = path.join(releaseFolder(root), 'cpu');
  const modules = variants.map((variant) => path.join(build, 'bin', `libggml-cpu-${variant}.so`));
  const missing = variants.filter((_, index) => !fs.existsSync(modules[index]));
  if (missing.length > 0) {
    say(`building the CPU module for ${missing.join(', ')} (once per release of llama.cpp)`);
    const source = await unpackSources(root);
    await run('cmake', ['-S', source, '-B', build, ...configuration]);
    await run('cmake', ['--build', build, '--parallel', String(compileJobs), '--target', ...missing.map((variant) => `ggml-cpu-${variant}`)]);
  }
  return modules;
}
