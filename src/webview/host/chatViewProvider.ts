import * as vscode from 'vscode';
import type { Clock } from '../../engine/base/clock.js';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { Logger } from '../../engine/base/logger.js';
import type { HostMessage } from '../protocol.js';
import { Bridge } from './bridge.js';
import type { ChatController } from './chatController.js';
import type { ChatModel } from './chatModel.js';
import { webviewPage } from './html.js';
import { handleUserMessage } from './viewMessages.js';

export const chatViewId = 'seekpod.chat';

/** Fills the sidebar's chat view whenever VS Code shows it. */
export class ChatViewProvider implements vscode.WebviewViewProvider, Disposable {
  readonly #owned = new DisposableStore();
  #bridge: Bridge | undefined;
  readonly #waiting: HostMessage[] = [];

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly model: ChatModel,
    private readonly chat: ChatController,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    this.#owned.add(vscode.window.registerWebviewViewProvider(chatViewId, this));
  }

  /** Shows the view and puts the cursor where `wish` says. */
  async reveal(wish: HostMessage): Promise<void> {
    if (this.#bridge === undefined) this.#waiting.push(wish);
    else this.#bridge.tell(wish);
    await vscode.commands.executeCommand(`${chatViewId}.focus`);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { webview } = view;
    const folder = vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview');
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    const owned = this.#owned.add(new DisposableStore());
    const port = {
      post: (message: HostMessage): void => void webview.postMessage(message),
      onMessage: (listener: (value: unknown) => void): Disposable => webview.onDidReceiveMessage(listener),
    };
    const bridge = owned.add(new Bridge(port, this.model, (message) => handleUserMessage(this.chat, message), this.clock, this.log));
    this.#bridge = bridge;
    for (const message of this.#waiting.splice(0)) bridge.tell(message);
    owned.add(
      view.onDidChangeVisibility(() => {
        if (view.visible) void this.chat.refresh();
        else bridge.hidden();
      }),
    );
    owned.add(
      view.onDidDispose(() => {
        if (this.#bridge === bridge) this.#bridge = undefined;
        this.#owned.release(owned);
      }),
    );
    void this.chat.restore();
    webview.html = webviewPage({
      title: 'Seekpod',
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(folder, 'main.js')).toString(),
      styleUri: webview.asWebviewUri(vscode.Uri.joinPath(folder, 'main.css')).toString(),
      cspSource: webview.cspSource,
      language: vscode.env.language,
      translations: vscode.l10n.bundle,
    });
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
