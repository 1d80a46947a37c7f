import * as l10n from '@vscode/l10n';
import type { Segment } from '../../../engine/chat/conversation.js';
import { h, setText } from '../dom.js';
import { formatCount } from '../format.js';

export interface ThoughtView {
  readonly element: HTMLElement;
  update(segment: Segment, thinking: boolean): void;
}

/** A thought, folded until the reader opens it. */
export function thoughtView(): ThoughtView {
  const title = h('span');
  const text = h('div', { class: 'thought-text' });
  const element = h('details', { class: 'thought' }, h('summary', {}, title), text);
  return {
    element,
    update(segment, thinking) {
      const tokens = formatCount(segment.tokens);
      setText(title, thinking ? l10n.t('Thinking · {0} tokens', tokens) : l10n.t('Thought · {0} tokens', tokens));
      element.classList.toggle('thinking', thinking);
      setText(text, segment.text.trim());
    },
  };
}
