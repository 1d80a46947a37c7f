import { JSDOM } from 'jsdom';

// One for all suites: libraries keep the page that they were loaded with.
const { window } = new JSDOM('<!DOCTYPE html><body></body>', { url: 'https://webview.test/' });

/** In the place of the toolkit's text controls, whose layout jsdom cannot do. */
for (const name of ['vscode-text-area', 'vscode-text-field']) {
  window.customElements.define(
    name,
    class extends window.HTMLElement {
      value = '';
    },
  );
}

const names = ['window', 'document', 'Node', 'Element', 'HTMLElement', 'HTMLInputElement', 'DocumentFragment', 'Event', 'KeyboardEvent', 'MouseEvent'] as const;
const globals: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(names.map((name) => [name, window[name]])),
  // jsdom lays nothing out, so nothing ever changes its size.
  ResizeObserver: class {
    observe(): void {}
  },
  acquireVsCodeApi: () => ({ postMessage: () => undefined, getState: () => undefined, setState: () => undefined }),
};

/** Gives the view's code a page to work on. Must run before the first import of the view, which is why tests import that late. */
export function openPage(): { close(): void } {
  const before = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  return {
    close() {
      for (const [name, descriptor] of before) {
        Reflect.deleteProperty(globalThis, name);
        if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
      }
    },
  };
}
