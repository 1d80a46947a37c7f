// A Chromium for the tests: the installed one, or Debian's.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { runCommand } from '../../scripts/support/runCommand.mjs';
import { step } from '../../scripts/support/progress.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge', 'msedge'];
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

/** @returns {string | undefined} path of a browser that is installed; CHROMIUM names another one */
function findChromium() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const candidates = [process.env.CHROMIUM, ...names.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...applications];
  return candidates.find((file) => file !== undefined && file !== '' && fs.existsSync(file));
}

function canUseApt() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('apt-get', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Finds a browser, or installs Debian's where that is allowed. */
export async function ensureChromium() {
  const found = findChromium();
  if (found !== undefined) return found;
  if (canUseApt()) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await step('Installing Chromium', async () => {
      await runCommand('apt-get', ['update', '-q'], { env, quiet: true });
      await runCommand('apt-get', ['install', '-yq', '--no-install-recommends', 'chromium'], { env, quiet: true });
    });
    const installed = findChromium();
    if (installed !== undefined) return installed;
  }
  throw new Error('The tests need Chromium or Chrome, and none was found. Install one, or name its program in the environment variable CHROMIUM.');
}

/**
 * Opens a browser that has nothing of the user's: its own profile and home, both removed at the end.
 * @param {{ env?: Record<string, string>, viewport?: { width: number, height: number } }} [options]
 */
export async function launchBrowser({ env = {}, viewport = { width: 1_400, height: 900 } } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-browser-'));
  const home = path.join(folder, 'home');
  fs.mkdirSync(home);
  const context = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: await ensureChromium(),
    headless: true,
    viewport,
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: `${home}/.config`, XDG_CACHE_HOME: `${home}/.cache`, ...env },
    permissions: ['clipboard-read', 'clipboard-write'],
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  return {
    context,
    async close() {
      await context.close();
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
