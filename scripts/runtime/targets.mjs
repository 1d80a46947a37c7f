// Which prebuilt packages of node-llama-cpp each platform is shipped with: docs/adr/0003-packages.md.

/** By VS Code's name of the platform. `packages` go into the VSIX; `development` are used too where npm has installed them. */
export const targets = {
  'darwin-arm64': { packages: ['mac-arm64-metal'], development: [] },
  'darwin-x64': { packages: ['mac-x64'], development: [] },
  'linux-x64': { packages: ['linux-x64', 'linux-x64-vulkan'], development: ['linux-x64-cuda', 'linux-x64-cuda-ext'] },
  'linux-arm64': { packages: ['linux-arm64'], development: [] },
  'win32-x64': { packages: ['win-x64', 'win-x64-vulkan'], development: ['win-x64-cuda', 'win-x64-cuda-ext'] },
  'win32-arm64': { packages: ['win-arm64'], development: [] },
};

/** VS Code's name of the platform that this runs on. */
export const hostTarget = `${process.platform}-${process.arch}`;

/** The entry of a target, or an error that names those there are. */
export function targetNamed(name) {
  const target = targets[name];
  if (target === undefined) throw new Error(`no prebuilt engine for ${name}; there is one for ${Object.keys(targets).join(', ')}`);
  return target;
}
