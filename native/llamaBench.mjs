// llama.cpp's own benchmark, unpatched threads and all: the yardstick of `npm run bench`.
import fs from 'node:fs';
import path from 'node:path';
import { releaseFolder, unpackSources } from './sources.mjs';
import { compileJobs, run } from './toolchain.mjs';

/** The flags of a CPU variant as CMake options; AMX stays off as it aborts on DeepSeek's attention. */
function options(flags) {
  const present = new Set(flags);
  const has = (flag) => (present.has(flag) ? 'ON' : 'OFF');
  return [
    `-DGGML_AVX2=${has('avx2')}`,
    `-DGGML_FMA=${has('fma')}`,
    `-DGGML_F16C=${has('f16c')}`,
    `-DGGML_BMI2=${has('bmi2')}`,
    `-DGGML_AVX512=${has('avx512bw')}`,
    `-DGGML_AVX512_VBMI=${has('avx512vbmi')}`,
    `-DGGML_AVX512_VNNI=${has('avx512_vnni')}`,
    `-DGGML_AVX512_BF16=${has('avx512_bf16')}`,
  ];
}

/** Builds llama-bench with OpenMP for a processor with these flags, unless it is there; gives its path. */
export async function buildLlamaBench(root, flags, say) {
  const build = path.join(releaseFolder(root), 'llama-bench');
  const binary = path.join(build, 'bin', 'llama-bench');
  if (fs.existsSync(binary)) return binary;
  say('building llama-bench (once per release of llama.cpp, some minutes)');
  const source = await unpackSources(root);
  const off = ['TESTS', 'EXAMPLES', 'SERVER', 'UI'].map((part) => `-DLLAMA_BUILD_${part}=OFF`);
  await run('cmake', ['-S', source, '-B', build, '-DCMAKE_BUILD_TYPE=Release', '-DBUILD_SHARED_LIBS=OFF', '-DGGML_NATIVE=OFF', '-DGGML_OPENMP=ON', '-DLLAMA_OPENSSL=OFF', ...off, ...options(flags)]);
  await run('cmake', ['--build', build, '--parallel', String(compileJobs), '--target', 'llama-bench']);
  return binary;
}
