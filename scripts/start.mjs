#!/usr/bin/env node
// `npm start`: installs, builds, and opens VS Code with the extension and its model; `--ask` answers in the terminal instead.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import util from 'node:util';
import { createLock, openDoor } from './support/door.mjs';
import { installVscode } from './support/installVscode.mjs';
import { ensureBuild, ensureDependencies } from './support/prepare.mjs';
import { requireNode } from './support/prerequisites.mjs';
import { cleanEnvironment } from './support/runCommand.mjs';
import { step } from './support/progress.mjs';
import { startVscodeServer } from './support/vscodeServer.mjs';

requireNode();
const root = path.resolve(import.meta.dirname, '..');

const help = `Opens VS Code with Seekpod and its model, ready to use. Installs and builds what is missing first.

  npm start                          desktop VS Code if there is one, else VS Code in the browser
  npm start -- --browser             VS Code in the browser
  npm start -- --folder ../project   opens this folder instead of an example
  npm start -- --port 8080           port of VS Code in the browser
  npm start -- --ask "question"      answers in the terminal; needs no display and no network
  npm start -- --help                this text
`;

const options = {
  ask: { type: 'string' },
  browser: { type: 'boolean', default: false },
  folder: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
};

function parseOptions() {
  try {
    const { values } = util.parseArgs({ options });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 1_024 && port <= 65_535)) throw new Error('--port takes a number from 1024 to 65535');
    if (values.ask !== undefined && values.ask.trim() === '') throw new Error('--ask takes a question');
    if (values.folder !== undefined && !fs.statSync(values.folder, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`there is no folder ${values.folder}`);
    return { ...values, port };
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
}

const macCode = '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code';

/** @returns {string | undefined} the command of a desktop VS Code */
function findDesktopCode() {
  if (process.platform === 'linux' && process.env.DISPLAY === undefined && process.env.WAYLAND_DISPLAY === undefined) return undefined;
  const name = process.platform === 'win32' ? 'code.cmd' : 'code';
  const onPath = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, name));
  return [...onPath, macCode].find((file) => fs.existsSync(file));
}

/** A program of our own that uses this terminal; its end is ours. */
function runHere(program, args, shell = false) {
  const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: cleanEnvironment(), shell });
  child.once('error', (error) => {
    console.error(`${program} could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 1;
  });
  // The terminal sends Ctrl+C to the child as well, which then ends in its own way.
  process.on('SIGINT', () => undefined);
}

/** An example to try completion in, for those who open no folder of their own. */
function example() {
  const folder = path.join(root, '.vscode-test', 'example');
  const file = path.join(folder, 'example.ts');
  if (!fs.existsSync(file)) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(file, '// Type a function here, or put the cursor after "return" and type a space.\nexport function add(a: number, b: number): number {\n  return\n}\n');
  }
  return { folder, file };
}

async function openInBrowser(folder, file, port) {
  const installation = await installVscode(root);
  const lock = createLock();
  const server = await step('Starting VS Code', () =>
    startVscodeServer({ installation, folder: path.join(root, '.vscode-test', 'user'), extension: root, ownHome: false, port, lock }),
  );
  const query = new URLSearchParams({ folder });
  if (file !== undefined) query.set('payload', JSON.stringify([['openFile', `vscode-remote://127.0.0.1:${server.port}${file}`]]));
  const door = await openDoor({ lock, cookie: server.cookie, target: `${server.url}/?${query}` });
  console.log(`\nVS Code with Seekpod: ${door.url}`);
  console.log('Open this address in a browser on this machine; it is yours alone. F1 and "Ask DeepSeek" asks a question; typing in a file completes code.');
  // Who names a port may forward it; the address above is on another one.
  if (port !== undefined) console.log(`Through a forwarded port: ${server.url} with the password ${lock.password}`);
  console.log('Ctrl+C ends it.\n');
  const asked = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve('asked'));
  });
  const why = await Promise.race([asked, server.ended]);
  door.close();
  await server.stop();
  if (why !== 'asked') throw new Error(`VS Code has ended by itself; its log is ${path.join(server.folder, 'server.log')}.`);
}

const { ask, browser, folder, port, help: wantsHelp } = parseOptions();
if (wantsHelp) {
  console.log(help);
} else {
  try {
    await ensureDependencies(root);
    await ensureBuild(root);
    const desktop = browser || port !== undefined ? undefined : findDesktopCode();
    const opened = folder === undefined ? example() : { folder: path.resolve(folder), file: undefined };
    if (ask !== undefined) {
      runHere(process.execPath, [path.join(root, 'dist', 'cli.cjs'), 'ask', ask]);
    } else if (desktop !== undefined) {
      console.log('Opening VS Code with Seekpod. Run "Ask DeepSeek" from the command palette, or type in a file.');
      runHere(desktop, [`--extensionDevelopmentPath=${root}`, opened.folder, ...(opened.file === undefined ? [] : [opened.file])], process.platform === 'win32');
    } else {
      await openInBrowser(opened.folder, opened.file, port);
    }
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
