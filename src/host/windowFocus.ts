import * as vscode from 'vscode';
import type { WindowFocus } from './lastFocus.js';

/** The focus of this window, as VS Code says it. */
export const windowFocus: WindowFocus = {
  get focused() {
    return vscode.window.state.focused;
  },
  onChange: (listener) => vscode.window.onDidChangeWindowState(({ focused }) => listener(focused)),
};
