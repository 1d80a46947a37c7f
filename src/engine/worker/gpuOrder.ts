import type { GpuChoice } from '../protocol/engineTypes.js';

/** A compute backend as `ModelInfo` names it. */
export type GpuBackend = Exclude<GpuChoice, 'auto'>;

/** The backends to try, the best one first: Metal on Apple silicon, else CUDA, Vulkan, CPU. A named one is tried alone. */
export function gpuOrder(choice: GpuChoice, platform: NodeJS.Platform, arch: NodeJS.Architecture): readonly GpuBackend[] {
  if (choice !== 'auto') return [choice];
  if (platform === 'darwin') return arch === 'arm64' ? ['metal', 'cpu'] : ['cpu'];
  return ['cuda', 'vulkan', 'cpu'];
}
