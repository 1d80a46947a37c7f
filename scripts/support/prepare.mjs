// Brings the project's own folder into the state that a script needs: dependencies installed, sources built.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { runCommand } from './runCommand.mjs';
import { step } from './progress.mjs';

/** What building leaves among the sources. */
const outputs = new Set(['native/build']);

/** A digest of files and of everything below folders, without what a build makes of them. */
function digest(root, names) {
  const hash = createHash('sha256');
  const add = (file) => {
    const absolute = path.join(root, file);
    const facts = fs.statSync(absolute, { throwIfNoEntry: false });
    if (facts === undefined || outputs.has(file.replaceAll('\\', '/'))) return;
    if (facts.isDirectory()) for (const name of fs.readdirSync(absolute).toSorted()) add(path.join(file, name));
    else hash.update(`${file}\0${facts.size}\0`).update(fs.readFileSync(absolute));
  };
  for (const name of names) add(name);
  return hash.digest('hex');
}

/** Runs an action unless it was done for the same digest; the stamp is written when it has succeeded. */
async function once(stamp, value, action) {
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === value) return;
  await action();
  fs.mkdirSync(path.dirname(stamp), { recursive: true });
  fs.writeFileSync(stamp, value);
}

/**
 * Installs the dependencies unless those of the present lock file are there. Their install scripts are not needed and not run.
 * A linked folder belongs to another checkout, which `npm ci` would empty: it is used as it is.
 */
export async function ensureDependencies(root) {
  const modules = path.join(root, 'node_modules');
  if (fs.lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const stamp = path.join(modules, '.seekpod-installed');
  await once(stamp, digest(root, ['package-lock.json']), () =>
    step('Installing dependencies', () => runCommand('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root, quiet: true })),
  );
}

/** Builds the extension, the engine and the command line unless they are up to date. */
export async function ensureBuild(root) {
  const value = digest(root, ['src', 'esbuild.mjs', 'scripts', 'native', 'package.json', 'package-lock.json', 'tsconfig.json']);
  await once(path.join(root, 'dist', '.built'), value, () => step('Building (half a minute the first time)', () => runCommand(process.execPath, ['esbuild.mjs'], { cwd: root, quiet: true })));
}
