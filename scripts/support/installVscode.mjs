// Installs a VS Code that runs in the browser, from the npm registry alone: for machines without the desktop VS Code.
import fs from 'node:fs';
import path from 'node:path';
import { cleanEnvironment, runCommand } from './runCommand.mjs';
import { step } from './progress.mjs';

const codeServerVersion = '4.139.1';
const nodeVersion = '24.21.0';

/** Native parts of the extension host; it runs without them, with a line in its log and no watchdog. */
const nativeParts = ['@vscode/spdlog', '@vscode/native-watchdog'];

/**
 * @typedef {object} VscodeInstallation
 * @property {string} node path of the Node.js that runs it
 * @property {string} entry path of the package that Node.js runs
 */

function nodePackage() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  return `node-${platform}-${process.arch}`;
}

/**
 * Where it is, or `undefined` when it has to be installed first.
 * @param {string} root folder of the project
 * @returns {VscodeInstallation & { folder: string, stamp: string, installed: boolean }}
 */
function locate(root) {
  const folder = path.join(root, '.vscode-test', `code-server-${codeServerVersion}`);
  const stamp = path.join(folder, '.installed');
  const node = path.join(folder, 'node_modules', nodePackage(), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return { folder, stamp, node, entry: path.join(folder, 'node_modules', 'code-server'), installed: fs.existsSync(stamp) };
}

const quietInstall = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier'];

/**
 * Installs it below `root/.vscode-test` unless it is there. About 0.8 GB and half a minute.
 * @param {string} root folder of the project
 * @returns {Promise<VscodeInstallation>}
 */
export async function installVscode(root) {
  const { folder, stamp, node, entry, installed } = locate(root);
  if (installed) return { node, entry };
  const npm = (args, cwd) =>
    runCommand('npm', args, { cwd, quiet: true, env: { ...cleanEnvironment(), PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`, npm_config_nodedir: path.dirname(path.dirname(node)) } });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  await step('Downloading VS Code for the browser (about 0.8 GB on disk)', () => npm([...quietInstall, `${nodePackage()}@${nodeVersion}`, `code-server@${codeServerVersion}`], folder));
  const vscode = path.join(entry, 'lib', 'vscode');
  await step('Installing its parts', async () => {
    // Not `npm ci`: the package's lock file and package.json disagree.
    await npm([...quietInstall, '--omit=dev'], vscode);
    await npm([...quietInstall, '--omit=dev'], path.join(vscode, 'extensions'));
  });
  await step('Building its native parts', async () => {
    try {
      await npm(['rebuild', ...nativeParts], vscode);
    } catch {
      console.log('They could not be built (a C++ compiler is missing); VS Code runs without them.');
    }
  });
  fs.writeFileSync(stamp, '');
  return { node, entry };
}
