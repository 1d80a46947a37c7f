// `npm run package [-- --target linux-x64] [--check]`: a VSIX for one platform; --check installs it in a VS Code and asks the engine from there.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createVSIX, listFiles } from '@vscode/vsce';
import { run } from '../native/toolchain.mjs';
import { checkInstalled } from './runtime/checkInstalled.mjs';
import { contentProblems } from './runtime/contents.mjs';
import { koffiFolder, packageFolders } from './runtime/packageCache.mjs';
import { hostTarget, targetNamed } from './runtime/targets.mjs';
import { stageRuntime } from './stageRuntime.mjs';

const root = path.resolve(import.meta.dirname, '..');
/** Open VSX and the Marketplace take more; this is what a user should have to download. */
const budgetBytes = 64 * 1_024 * 1_024;
const megabytes = (bytes) => `${(bytes / 1_048_576).toFixed(1)} MB`;

const { values } = parseArgs({ options: { target: { type: 'string', default: hostTarget }, check: { type: 'boolean', default: false } } });
const { target } = values;
const { packages } = targetNamed(target);
const say = (text) => console.log(text);

fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
await run(process.execPath, ['esbuild.mjs', '--production'], { cwd: root });
await run(process.execPath, ['scripts/notices.mjs', '--check'], { cwd: root });
await stageRuntime(root, { target, packageFolders: await packageFolders(root, target, say), koffi: await koffiFolder(root, target, say), everyCpu: true, cross: true });

const files = (await listFiles({ cwd: root, dependencies: false })).map((file) => file.split(path.sep).join('/')).sort();
const problems = contentProblems(files, packages);
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const vsix = path.join(root, `seekpod-${target}-${version}.vsix`);
if (problems.length === 0) {
  // The pages that the README links to are not in a package and have no public address yet.
  await createVSIX({ cwd: root, packagePath: vsix, target, dependencies: false, allowMissingRepository: true, rewriteRelativeLinks: false });
  const size = fs.statSync(vsix).size;
  summarise(files);
  say(`${path.basename(vsix)}: ${files.length} files, ${megabytes(size)} (budget ${megabytes(budgetBytes)})`);
  if (size > budgetBytes) problems.push(`the package is over its budget by ${megabytes(size - budgetBytes)}`);
  if (values.check) problems.push(...(target === hostTarget ? await checkInstalled(root, vsix, say) : [`--check runs the engine, which needs a ${target} machine`]));
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Prints bytes by part of the product. */
function summarise(paths) {
  const parts = new Map();
  for (const file of paths) {
    const part = /^dist\/node_modules\/(?:@[^/]+\/)?[^/]+|^dist|^models/.exec(file)?.[0] ?? 'texts and pictures';
    parts.set(part, (parts.get(part) ?? 0) + fs.statSync(path.join(root, file)).size);
  }
  for (const [part, bytes] of parts) say(`  ${part.padEnd(56)} ${megabytes(bytes).padStart(10)}`);
}
