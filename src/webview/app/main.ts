import * as l10n from '@vscode/l10n';
import { parseHostMessage } from '../protocol.js';
import { emptyStore, reduceStore } from './store.js';
import { registerControls } from './toolkit.js';
import { createApp } from './view/app.js';
import { post, recallDraft } from './vscodeApi.js';

const translations = document.getElementById('translations')?.textContent ?? '{}';
l10n.config({ contents: translations });
registerControls();

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the view');
const app = createApp(root, post, recallDraft());
let store = emptyStore;
/** One request at a time, so that a message that cannot be understood does not go to and fro for ever. */
let resyncing = false;

function resync(): void {
  if (resyncing) return;
  resyncing = true;
  post({ type: 'resync' });
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const parsed = parseHostMessage(event.data);
  if (!parsed.ok) {
    resync();
    return;
  }
  const { message } = parsed;
  switch (message.type) {
    case 'focusComposer':
      app.focusComposer();
      return;
    case 'openSearch':
      app.openConversations();
      return;
    case 'snapshot':
    case 'deltas': {
      if (message.type === 'snapshot') resyncing = false;
      const outcome = reduceStore(store, message);
      if (outcome.kind === 'gap') resync();
      if (outcome.kind !== 'changed') return;
      store = outcome.state;
      if (store.chat !== null) app.update(store.chat);
    }
  }
});

window.addEventListener('focus', () => app.pageFocused());

post({ type: 'ready' });
