// The instruction sets for which ggml has a CPU module, on x64.

/**
 * From the least to the most able, with the flags of /proc/cpuinfo that each needs beyond the ones before it in its line.
 * The flags are those that ggml's own score function asks for. Left out: `sapphirerapids`, whose AMX kernels take the
 * weights of DeepSeek's latent attention but cannot multiply them, and abort the process.
 */
const avx2 = ['sse4_2', 'avx', 'f16c', 'fma', 'avx2', 'bmi2'];
const avx512 = [...avx2, 'avx512f', 'avx512cd', 'avx512vl', 'avx512dq', 'avx512bw'];
const variants = [
  { name: 'x64', needs: [] },
  { name: 'sse42', needs: ['sse4_2'] },
  { name: 'sandybridge', needs: ['sse4_2', 'avx'] },
  { name: 'ivybridge', needs: ['sse4_2', 'avx', 'f16c'] },
  { name: 'piledriver', needs: ['sse4_2', 'avx', 'f16c', 'fma'] },
  { name: 'haswell', needs: avx2 },
  { name: 'alderlake', needs: [...avx2, 'avx_vnni'] },
  { name: 'skylakex', needs: avx512 },
  { name: 'cannonlake', needs: [...avx512, 'avx512vbmi'] },
  { name: 'cascadelake', needs: [...avx512, 'avx512_vnni'] },
  { name: 'icelake', needs: [...avx512, 'avx512vbmi', 'avx512_vnni'] },
  { name: 'cooperlake', needs: [...avx512, 'avx512_vnni', 'avx512_bf16'] },
  { name: 'zen4', needs: [...avx512, 'avx512vbmi', 'avx512_vnni', 'avx512_bf16'] },
];

/** All variants, so that a package runs well on every machine. */
export const allCpuVariants = variants.map(({ name }) => name);

/** The most able variant that a processor with these flags can run. */
export function bestCpuVariant(flags) {
  const present = new Set(flags);
  return variants.findLast(({ needs }) => needs.every((flag) => present.has(flag))).name;
}
