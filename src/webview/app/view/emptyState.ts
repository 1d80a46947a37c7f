import * as l10n from '@vscode/l10n';
import type { ChatState } from '../../chatState.js';
import { textButton } from '../controls.js';
import { h, setChildren } from '../dom.js';
import { icon } from '../icons.js';
import type { Post } from '../vscodeApi.js';

export interface EmptyState {
  readonly element: HTMLElement;
  update(state: ChatState): void;
}

/** What a conversation without a question shows. */
export function emptyState(post: Post): EmptyState {
  const examples = [l10n.t('Write a function that adds two numbers.'), l10n.t('Write a function that reverses a string.'), l10n.t('Write a function that removes duplicates from an array.')];
  const ask = (text: string, event: Event): void => {
    // The second press of a double one.
    if (event instanceof MouseEvent && event.detail > 1) return;
    post({ type: 'send', text });
  };
  const list = h(
    'ul',
    { class: 'examples', 'aria-label': l10n.t('Examples') },
    ...examples.map((text) => h('li', {}, h('button', { class: 'example', type: 'button', click: (event) => ask(text, event) }, text))),
  );
  const demonstration = h(
    'div',
    { class: 'alert info' },
    icon('info'),
    h(
      'div',
      { class: 'alert-body' },
      h('p', {}, l10n.t('Calf, the model that comes with Seekpod, is a small demonstration model. It shows that everything works; it is no assistant, and much of what it says is wrong. For real work choose a larger DeepSeek model in GGUF format.')),
      h('div', { class: 'alert-actions' }, textButton(l10n.t('Choose a model'), 'secondary', () => post({ type: 'chooseModel' }))),
    ),
  );
  const head = h(
    'div',
    { class: 'empty-head' },
    h('div', { class: 'empty-icon' }, icon('chat')),
    h('h2', {}, l10n.t('Ask DeepSeek')),
    h('p', {}, l10n.t('Answered by a model on your own machines. Nothing you write leaves them.')),
  );
  const element = h('div', { class: 'empty' });
  return {
    element,
    update(state) {
      setChildren(element, head, list, state.demonstration ? demonstration : null);
    },
  };
}
