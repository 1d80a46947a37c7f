// Installs a VSIX in a VS Code of its own and asks the engine from the installed place.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installVscode } from '../support/installVscode.mjs';
import { probeInstalled } from './probeInstalled.mjs';

const question = 'Write a function that adds two numbers.';

/** Problems found; none when the installed engine answers with a model that it finds by itself. */
export async function checkInstalled(root, vsix, say) {
  const { node, entry } = await installVscode(root);
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-check-'));
  const extensions = path.join(place, 'extensions');
  const env = { ...process.env, SEEKPOD_RUNTIME_DIR: path.join(place, 'run'), HOME: place };
  const call = (command, args, options) => spawnSync(command, args, { env, encoding: 'utf8', timeout: 120_000, ...options });
  try {
    const install = call(node, [entry, '--extensions-dir', extensions, '--user-data-dir', path.join(place, 'user'), '--install-extension', vsix, '--force']);
    const folder = fs.existsSync(extensions) ? fs.readdirSync(extensions).find((name) => name.startsWith('seekpod.seekpod')) : undefined;
    if (install.status !== 0 || folder === undefined) return [`VS Code does not install the package: ${install.stdout}${install.stderr}`];
    const cli = path.join(extensions, folder, 'dist', 'cli.cjs');
    // From another folder, so that nothing of the working tree can be found by chance.
    const answer = call(process.execPath, [cli, 'ask', question], { cwd: place });
    const stop = call(process.execPath, [cli, 'stop'], { cwd: place });
    say(`installed in VS Code and asked: ${answer.stdout.trim().split('\n').at(-1)} ${answer.stderr.trim().split('\n').at(-1)}`);
    const layers = await probeInstalled(path.join(extensions, folder, 'dist', 'layerServer.cjs'), { cwd: place, env }).then((text) => ({ text }), (error) => ({ error }));
    say(`asked what it can lend: ${layers.text ?? 'nothing'}`);
    if (layers.error !== undefined) return [`the installed layer server does not answer: ${layers.error.message}`];
    if (answer.status !== 0 || answer.stdout.trim() === '') return [`the installed engine does not answer: ${answer.stdout}${answer.stderr}`];
    return stop.status === 0 ? [] : [`the installed engine does not stop: ${stop.stdout}${stop.stderr}`];
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}
