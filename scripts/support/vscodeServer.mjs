// Starts the VS Code of installVscode.mjs on a loopback port, with folders of its own, and ends it with everything it started.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanEnvironment } from './runCommand.mjs';

const startLimitMs = 60_000;
const endLimitMs = 3_000;

/** No telemetry, no downloads, no other assistant, nothing that moves. */
const quietSettings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'git.openRepositoryInParentFolders': 'never',
  'js/ts.tsserver.automaticTypeAcquisition.enabled': false,
};

/** @returns {Promise<number>} a loopback port that nobody listens on */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function writeJson(file, value) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** VS Code's own record of installed extensions, naming ours where it is: nothing is packed or copied. */
function installInPlace(extensionsFolder, extensionFolder) {
  const { publisher, name, version } = JSON.parse(fs.readFileSync(path.join(extensionFolder, 'package.json'), 'utf8'));
  const location = { $mid: 1, path: extensionFolder, scheme: 'file' };
  writeJson(path.join(extensionsFolder, 'extensions.json'), [{ identifier: { id: `${publisher}.${name}` }, version, location }]);
}

/**
 * @param {object} options
 * @param {import('./installVscode.mjs').VscodeInstallation} options.installation
 * @param {string} options.folder holds user data, extensions and the home folder; kept when the server ends
 * @param {Record<string, unknown>} [options.settings] of the user, written on every start
 * @param {Record<string, unknown>} [options.machineSettings] of the machine: paths and engine settings
 * @param {Record<string, string | undefined>} [options.env] added to the environment of the server and the extensions
 * @param {string} [options.extension] folder of an extension that is used where it is
 * @param {boolean} [options.testDriver] lets the page's address name extensions under development and test suites
 * @param {boolean} [options.ownHome] gives the server and the extensions a home folder below `folder`
 * @param {number} [options.port] a free one if not given
 * @param {string} [options.socket] a Unix socket to listen on instead; the caller then forwards `port` to it
 * @param {readonly string[]} [options.prefix] words before the command, for instance to run it in a network namespace
 * @param {{ hash: string }} [options.lock] of door.mjs; without it every user of this machine may come in
 */
export async function startVscodeServer({ installation, folder, settings, machineSettings, env = {}, extension, testDriver = false, ownHome = true, port, socket, prefix = [], lock }) {
  const userData = path.join(folder, 'data');
  const extensions = path.join(folder, 'extensions');
  const home = path.join(folder, 'home');
  fs.mkdirSync(home, { recursive: true });
  const userSettings = path.join(userData, 'User', 'settings.json');
  if (settings !== undefined || !fs.existsSync(userSettings)) writeJson(userSettings, { ...quietSettings, ...settings });
  if (machineSettings !== undefined) writeJson(path.join(userData, 'Machine', 'settings.json'), machineSettings);
  fs.mkdirSync(extensions, { recursive: true });
  if (extension !== undefined) installInPlace(extensions, extension);
  const config = path.join(folder, 'config.yaml');
  fs.writeFileSync(config, 'cert: false\n');

  const chosenPort = port ?? (await freePort());
  const url = `http://127.0.0.1:${chosenPort}`;
  const logFile = path.join(folder, 'server.log');
  const log = fs.openSync(logFile, 'w');
  const [command, ...args] = [
    ...prefix,
    installation.node,
    installation.entry,
    '--config', config, '--user-data-dir', userData, '--extensions-dir', extensions,
    '--auth', lock === undefined ? 'none' : 'password', ...(socket === undefined ? ['--bind-addr', `127.0.0.1:${chosenPort}`] : ['--socket', socket]),
    '--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', '--disable-getting-started-override', '--disable-proxy', '--ignore-last-opened',
    ...(testDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ];
  const ownEnv = ownHome ? { HOME: home, XDG_CONFIG_HOME: `${home}/.config`, XDG_DATA_HOME: `${home}/.local/share`, XDG_CACHE_HOME: `${home}/.cache` } : {};
  // Cookies do not tell ports apart, and another VS Code may be open in the same browser.
  const lockEnv = lock === undefined ? {} : { HASHED_PASSWORD: lock.hash, CODE_SERVER_COOKIE_SUFFIX: String(chosenPort) };
  const child = spawn(command, args, {
    // Its own gallery would be asked for updates; ours come with the project.
    env: { ...cleanEnvironment(), EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...ownEnv, ...env, ...lockEnv },
    stdio: ['ignore', log, log],
    // A process group of its own, so that nothing it starts outlives it.
    detached: true,
  });
  fs.closeSync(log);
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  const signalGroup = (signal) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The group has already ended.
    }
  };
  const stop = async () => {
    signalGroup('SIGTERM');
    await Promise.race([ended, sleep(endLimitMs, undefined, { ref: false })]);
    signalGroup('SIGKILL');
    await ended;
  };
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    const answered = await fetch(`${url}/healthz`).then((answer) => answer.ok, () => false);
    if (answered) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`VS Code did not start:\n${fs.readFileSync(logFile, 'utf8').slice(-4_000)}`);
    }
    await sleep(100);
  }
  return { url, port: chosenPort, cookie: `code-server-session-${chosenPort}`, pid: child.pid, folder, ended, stop, log: () => fs.readFileSync(logFile, 'utf8') };
}
