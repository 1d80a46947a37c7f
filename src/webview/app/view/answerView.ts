import * as l10n from '@vscode/l10n';
import { assertNever } from '../../../engine/base/errors.js';
import type { Answer, Segment } from '../../../engine/chat/conversation.js';
import { failureText } from '../../../engine/protocol/failureText.js';
import { iconButton, progressRing, textButton } from '../controls.js';
import { h, setChildren, setText } from '../dom.js';
import { metaParts } from '../format.js';
import { icon } from '../icons.js';
import type { Post } from '../vscodeApi.js';
import { markdownView, type MarkdownView } from './markdownView.js';
import { thoughtView, type ThoughtView } from './thoughtView.js';

export interface AnswerView {
  readonly element: HTMLElement;
  /** @param last whether it is the newest answer: only that can be made anew */
  update(answer: Answer, last: boolean): void;
}

type SegmentView = { readonly kind: 'text'; readonly view: MarkdownView } | { readonly kind: 'thought'; readonly view: ThoughtView };

/** What is said below an answer that did not end by itself. */
function endNote(answer: Answer): string | null {
  const { state } = answer;
  switch (state.state) {
    case 'stopped':
      return l10n.t('Stopped.');
    case 'interrupted':
      return l10n.t('Interrupted when the window closed.');
    case 'complete':
      return state.finish === 'length' ? l10n.t('The answer was cut off at the limit of tokens (seekpod.chat.maxTokens, seekpod.chat.contextSize).') : null;
    case 'waiting':
    case 'writing':
    case 'recovering':
    case 'failed':
      return null;
    default:
      return assertNever(state);
  }
}

export function answerView(id: string, post: Post): AnswerView {
  const useCode = (action: 'copy' | 'insert' | 'apply' | 'newFile', code: string, language: string): void => post({ type: 'code', action, turnId: id, code, language });
  const dropped = h('p', { class: 'note dropped' });
  const body = h('div', { class: 'answer-body' });
  const progressText = h('span');
  const progress = h('div', { class: 'progress', role: 'status' }, progressRing(), progressText);
  const note = h('p', { class: 'note' });
  const errorText = h('span');
  const retry = textButton(l10n.t('Retry'), 'secondary', () => post({ type: 'regenerate', turnId: id }));
  const errorActions = h('div', { class: 'alert-actions' });
  const error = h('div', { class: 'alert error', role: 'alert' }, icon('warning'), h('div', { class: 'alert-body' }, errorText, errorActions));
  const meta = h('span', { class: 'meta' });
  const regenerate = iconButton('regenerate', l10n.t('Regenerate answer'), () => post({ type: 'regenerate', turnId: id }));
  const copy = iconButton('copy', l10n.t('Copy answer'), () => post({ type: 'copyAnswer', turnId: id }));
  const actions = h('div', { class: 'actions' });
  const footer = h('footer', { class: 'answer-footer' }, meta, actions);
  const element = h('article', { class: 'answer', 'aria-label': l10n.t('Answer') });
  let views: SegmentView[] = [];
  let shown: Answer | undefined;
  let shownLast = false;

  const segmentView = (segment: Segment, old: SegmentView | undefined): SegmentView => {
    if (old?.kind === segment.kind) return old;
    return segment.kind === 'text' ? { kind: 'text', view: markdownView(useCode) } : { kind: 'thought', view: thoughtView() };
  };

  const updateBody = (answer: Answer, open: boolean): void => {
    views = answer.segments.map((segment, index) => segmentView(segment, views[index]));
    for (const [index, segment] of answer.segments.entries()) {
      const view = views[index];
      if (view?.kind === 'text') view.view.update(segment.text);
      else view?.view.update(segment, open && index === answer.segments.length - 1);
    }
    setChildren(body, ...views.map(({ view }) => view.element));
  };

  return {
    element,
    update(answer, last) {
      if (answer === shown && last === shownLast) return;
      shown = answer;
      shownLast = last;
      const { state } = answer;
      const open = state.state === 'waiting' || state.state === 'writing' || state.state === 'recovering';
      updateBody(answer, open);
      element.setAttribute('aria-busy', String(open));
      element.classList.toggle('streaming', state.state === 'writing');
      if (answer.droppedTurns > 0) {
        setText(dropped, answer.droppedTurns === 1 ? l10n.t('The oldest turn was left out: the conversation is longer than the context.') : l10n.t('The {0} oldest turns were left out: the conversation is longer than the context.', answer.droppedTurns));
      }
      if (state.state === 'waiting') setText(progressText, l10n.t('Reading the question…'));
      if (state.state === 'recovering') setText(progressText, l10n.t('The model process is being restarted; the answer goes on.'));
      if (state.state === 'failed') setText(errorText, failureText(state.failure));
      const noteText = endNote(answer);
      if (noteText !== null) setText(note, noteText);
      if (answer.meta !== null) setText(meta, metaParts(answer.meta).join(' · '));
      setChildren(errorActions, last ? retry : null);
      setChildren(actions, last ? regenerate : null, answer.segments.length > 0 ? copy : null);
      setChildren(
        element,
        answer.droppedTurns > 0 ? dropped : null,
        answer.segments.length > 0 ? body : null,
        state.state === 'waiting' || state.state === 'recovering' ? progress : null,
        state.state === 'failed' ? error : null,
        noteText === null ? null : note,
        open ? null : footer,
      );
    },
  };
}
