import * as l10n from '@vscode/l10n';
import { type BenchmarkViewMessage, parseBenchmarkHostMessage } from '../../benchmarkProtocol.js';
import { registerControls } from '../toolkit.js';
import { createBenchmarkView } from './benchmarkView.js';

declare function acquireVsCodeApi(): { postMessage(message: BenchmarkViewMessage): void };

l10n.config({ contents: document.getElementById('translations')?.textContent ?? '{}' });
registerControls();

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the view');
const api = acquireVsCodeApi();
const view = createBenchmarkView(root, (message) => api.postMessage(message));

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const message = parseBenchmarkHostMessage(event.data);
  if (message?.type === 'state') view.update(message.state);
  if (message?.type === 'copied') view.copied();
});

api.postMessage({ type: 'ready' });
