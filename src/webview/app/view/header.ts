import * as l10n from '@vscode/l10n';
import type { Conversation } from '../../../engine/chat/conversation.js';
import { iconButton } from '../controls.js';
import { h, setAttribute, setText } from '../dom.js';
import { icon } from '../icons.js';

export interface Header {
  readonly element: HTMLElement;
  update(conversation: Conversation): void;
  setModel(name: string): void;
  setExpanded(expanded: boolean): void;
  focusPicker(): void;
}

/** Which conversation is open, with the list behind it, and which model answers, with the picker behind it. */
export function header(togglePanel: () => void, startNew: () => void, chooseModel: () => void): Header {
  const title = h('span', { class: 'picker-title' });
  const picker = h('button', { class: 'picker', type: 'button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', title: l10n.t('Conversations'), click: togglePanel }, title, icon('chevron'));
  const model = h('button', { class: 'model', type: 'button', click: chooseModel });
  const add = iconButton('add', l10n.t('New conversation'), startNew);
  const element = h('header', { class: 'header' }, picker, model, add);
  return {
    element,
    update(conversation) {
      const text = conversation.title === '' ? l10n.t('New conversation') : conversation.title;
      setText(title, text);
      picker.setAttribute('aria-label', l10n.t('Conversations, {0}', text));
      add.hidden = conversation.turns.length === 0;
    },
    setModel(name) {
      setText(model, name);
      setAttribute(model, 'title', l10n.t('Chat model: {0}. Choose another…', name));
      setAttribute(model, 'aria-label', l10n.t('Chat model: {0}. Choose another…', name));
    },
    setExpanded: (expanded) => picker.setAttribute('aria-expanded', String(expanded)),
    focusPicker: () => picker.focus(),
  };
}
