import * as l10n from '@vscode/l10n';
import { answerText, type Answer, type Conversation, openAnswer } from '../../../engine/chat/conversation.js';
import { iconButton } from '../controls.js';
import { h, setText } from '../dom.js';
import { safeLink } from '../../protocol.js';
import type { Post } from '../vscodeApi.js';
import { answerView, type AnswerView } from './answerView.js';
import { questionView, type QuestionView } from './questionView.js';

/** Closer to the end than this counts as at the end, in pixels. */
const nearEnd = 32;
/** Most characters of an answer that are read out. */
const maxAnnounced = 600;

export interface Transcript {
  readonly element: HTMLElement;
  update(conversation: Conversation): void;
}

type TurnView = { readonly kind: 'question'; readonly view: QuestionView } | { readonly kind: 'answer'; readonly view: AnswerView };

/** The turns of the open conversation. Follows the end unless the reader has scrolled away. */
export function transcript(post: Post, emptyState: HTMLElement): Transcript {
  const list = h('div', { class: 'turns' });
  // Each token would be read out by a live log; the finished answer is announced instead.
  const scroller = h('div', { class: 'transcript', role: 'log', 'aria-live': 'off', 'aria-label': l10n.t('Conversation'), tabindex: '0' }, list);
  const announcer = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  const toEnd = iconButton('down', l10n.t('To the newest message'), () => scrollToEnd(), 'to-end');
  const element = h('section', { class: 'transcript-frame' }, scroller, toEnd, announcer);
  const views = new Map<string, TurnView>();
  let shownId = '';
  let openId: string | undefined;

  const atEnd = (): boolean => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < nearEnd;
  const scrollToEnd = (): void => {
    // What an empty conversation shows begins at its top.
    scroller.scrollTop = views.size === 0 ? 0 : scroller.scrollHeight;
  };
  const showToEnd = (): void => {
    // Above the first question there is nothing to go back to.
    toEnd.hidden = views.size === 0 || atEnd();
  };
  let following = true;
  let lastTop = 0;
  scroller.addEventListener(
    'scroll',
    () => {
      // Only the reader scrolls up; the end also moves away when the frame gets smaller.
      if (atEnd()) following = true;
      else if (scroller.scrollTop < lastTop) following = false;
      lastTop = scroller.scrollTop;
      showToEnd();
    },
    { passive: true },
  );
  // Notices and a growing question take height from the transcript; the end stays in sight.
  new ResizeObserver(() => {
    if (following) scrollToEnd();
    showToEnd();
  }).observe(scroller);
  scroller.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null) return;
    event.preventDefault();
    const url = safeLink(link.getAttribute('href') ?? '');
    if (url !== null) post({ type: 'openLink', url });
  });

  const announce = (conversation: Conversation): void => {
    const open = openAnswer(conversation);
    if (openId !== undefined && open === undefined) {
      const ended = conversation.turns.find((turn): turn is Answer => turn.role === 'assistant' && turn.id === openId);
      if (ended !== undefined) setText(announcer, answerText(ended).slice(0, maxAnnounced));
    }
    openId = open?.id;
  };

  const updateTurns = (conversation: Conversation): void => {
    const busy = openAnswer(conversation) !== undefined;
    const present = new Set(conversation.turns.map((turn) => turn.id));
    for (const [id, { view }] of views) {
      if (present.has(id)) continue;
      view.element.remove();
      views.delete(id);
    }
    for (const [index, turn] of conversation.turns.entries()) {
      let view = views.get(turn.id);
      if (view === undefined) {
        view = turn.role === 'user' ? { kind: 'question', view: questionView(turn, post) } : { kind: 'answer', view: answerView(turn.id, post) };
        views.set(turn.id, view);
        list.append(view.view.element);
      }
      if (view.kind === 'question' && turn.role === 'user') view.view.update(turn, !busy);
      else if (view.kind === 'answer' && turn.role === 'assistant') view.view.update(turn, index === conversation.turns.length - 1);
    }
  };

  return {
    element,
    update(conversation) {
      const changed = conversation.id !== shownId;
      const follow = changed || following;
      const before = views.size;
      if (changed) {
        views.clear();
        list.replaceChildren();
        shownId = conversation.id;
        openId = undefined;
      }
      updateTurns(conversation);
      if (conversation.turns.length === 0) list.replaceChildren(emptyState);
      else emptyState.remove();
      announce(conversation);
      if (follow || views.size > before) {
        following = true;
        scrollToEnd();
      }
      showToEnd();
    },
  };
}
