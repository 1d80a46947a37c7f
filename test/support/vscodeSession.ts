import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { installVscode } from '../../scripts/support/installVscode.mjs';
import { startVscodeServer } from '../../scripts/support/vscodeServer.mjs';
import { launchBrowser } from './chromium.mjs';
import { type Forward, forwardToSocket } from './forward.js';
import { type Hardware, withHardware } from './hardware.js';
import { collectLeftovers, createRuntimeDirectory, processesOf } from './leftovers.mjs';
import type { TestMachine } from './machines.js';
import { testSettings } from './testSettings.mjs';
import { Workbench } from './workbench.js';

export interface SessionOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** The imitated machine on which VS Code runs, with what it has; the browser stays outside. */
  readonly machine?: TestMachine;
  readonly hardware?: Hardware;
}

/** A VS Code with the extension installed, folders of its own and a workspace, driven by a browser. */
export class VscodeSession {
  readonly workspace: string;

  private constructor(
    private readonly folder: string,
    readonly runtimeDirectory: string,
    private readonly server: Awaited<ReturnType<typeof startVscodeServer>>,
    private readonly browser: Awaited<ReturnType<typeof launchBrowser>>,
    private readonly forward: Forward | undefined,
  ) {
    this.workspace = path.join(folder, 'workspace');
    fs.mkdirSync(this.workspace);
  }

  static async start({ settings = {}, machineSettings = {}, machine, hardware = {} }: SessionOptions = {}): Promise<VscodeSession> {
    // The suites run in the project's root folder.
    const root = process.cwd();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-ui-'));
    const runtimeDirectory = createRuntimeDirectory();
    const env = { SEEKPOD_RUNTIME_DIR: runtimeDirectory };
    // A Unix socket reaches across network namespaces.
    const socket = path.join(runtimeDirectory, 'vscode.sock');
    const forward = machine === undefined ? undefined : await forwardToSocket(socket);
    const place = machine === undefined || forward === undefined ? {} : { socket, port: forward.port, prefix: [...machine.prefix, ...withHardware(machine, hardware)] };
    const server = await startVscodeServer({
      ...place,
      installation: await installVscode(root),
      folder,
      settings: { ...testSettings.settings, ...settings },
      machineSettings: { ...testSettings.machineSettings, ...machineSettings },
      env,
      extension: root,
    });
    try {
      return new VscodeSession(folder, runtimeDirectory, server, await launchBrowser({ env }), forward);
    } catch (error) {
      await server.stop();
      forward?.close();
      throw error;
    }
  }

  /** Writes a file into the workspace. */
  write(name: string, text: string): void {
    fs.writeFileSync(path.join(this.workspace, name), text);
  }

  /** How many processes of the engine this session has. */
  engineProcesses(): { readonly daemons: number; readonly workers: number } {
    const commands = processesOf(this.runtimeDirectory).map(({ command }) => command);
    // The daemon's own arguments name the worker's file too.
    const daemons = commands.filter((command) => command.includes('daemon.cjs')).length;
    return { daemons, workers: commands.filter((command) => command.includes('worker.mjs')).length - daemons };
  }

  /** Ends the model process or the extension host of every window as a crash does. */
  crash(part: 'worker' | 'extensionHost'): void {
    const isIt = (command: string): boolean => (part === 'worker' ? command.includes('worker.mjs') && !command.includes('daemon.cjs') : command.includes('--type=extensionHost'));
    const found = processesOf(this.runtimeDirectory).filter(({ command }) => isIt(command));
    assert.notEqual(found.length, 0, `no process is the ${part}`);
    for (const { pid } of found) process.kill(pid, 'SIGKILL');
  }

  /** The conversations on the disk, as they are stored. */
  storedConversations(): string[] {
    const names = fs.readdirSync(this.folder, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => /conversations[\\/][\w-]+\.json$/.test(name)).map((name) => fs.readFileSync(path.join(this.folder, name), 'utf8'));
  }

  /** Opens a window on the workspace, with the extension active. */
  async open(): Promise<Workbench> {
    const page: Page = await this.browser.context.newPage();
    await page.goto(`${this.server.url}/?folder=${encodeURIComponent(this.workspace)}`);
    const workbench = new Workbench(page);
    await workbench.status.waitFor({ timeout: 60_000 });
    return workbench;
  }

  /** Keeps pictures of all windows, for a test that failed. */
  async screenshots(name: string): Promise<void> {
    for (const [index, page] of this.browser.context.pages().entries()) await new Workbench(page).screenshot(`${name}-${index}`);
  }

  /** Ends everything; answers the command lines of processes that did not end by themselves. */
  async close(): Promise<string[]> {
    await this.browser.close();
    await this.server.stop();
    this.forward?.close();
    const left = await collectLeftovers(this.runtimeDirectory);
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    return left;
  }
}
