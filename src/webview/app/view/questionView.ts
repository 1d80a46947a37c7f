import * as l10n from '@vscode/l10n';
import { attachmentHeading } from '../../../engine/chat/chatPrompt.js';
import type { Question } from '../../../engine/chat/conversation.js';
import { iconButton, textArea, textButton } from '../controls.js';
import { h, setChildren, setText } from '../dom.js';
import { formatTokens } from '../format.js';
import { icon } from '../icons.js';
import { type Post, recallEdit, rememberEdit } from '../vscodeApi.js';

export interface QuestionView {
  readonly element: HTMLElement;
  /** @param editable a question can be changed while no answer is being made */
  update(question: Question, editable: boolean): void;
}

/** A question of the user; it can be edited and sent again. Its text never changes; the tokens of what is attached may be counted later. */
export function questionView(question: Question, post: Post): QuestionView {
  const edit = iconButton('edit', l10n.t('Edit and send again'), () => startEditing(question.text).focus(), 'edit');
  const counts = question.attachments.map(({ tokens }) => h('span', { class: 'chip-tokens' }, formatTokens(tokens)));
  const chips = question.attachments.map((attachment, index) =>
    h('li', { class: 'chip', title: attachment.path }, icon(attachment.kind), h('span', { class: 'chip-name' }, attachmentHeading(attachment).slice(1)), counts[index] ?? null),
  );
  const attached = chips.length > 0 ? h('ul', { class: 'chips', 'aria-label': l10n.t('Attached') }, ...chips) : null;
  const shown = h('div', { class: 'bubble' }, attached, h('div', { class: 'question-text' }, question.text));
  const element = h('article', { class: 'question', 'aria-label': l10n.t('Question') }, shown, edit);

  const stopEditing = (): void => {
    rememberEdit(question.id, null);
    setChildren(element, shown, edit);
    edit.focus();
  };
  const startEditing = (text: string): HTMLElement => {
    const area = textArea(l10n.t('Question'), '');
    area.value = text;
    area.addEventListener('input', () => rememberEdit(question.id, area.value));
    const send = (): void => {
      if (area.value.trim() !== '') post({ type: 'resend', turnId: question.id, text: area.value });
    };
    area.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        stopEditing();
      } else if (event.key === 'Enter' && !event.shiftKey) {
        event.preventDefault();
        send();
      }
    });
    const buttons = h('div', { class: 'edit-actions' }, textButton(l10n.t('Send again'), 'primary', send), textButton(l10n.t('Cancel'), 'secondary', stopEditing));
    const hint = h('p', { class: 'note' }, l10n.t('What follows this question is replaced.'));
    setChildren(element, h('div', { class: 'editing' }, attached, area, hint, buttons));
    return area;
  };
  const edited = recallEdit(question.id);
  if (edited !== undefined) startEditing(edited);

  return {
    element,
    update({ attachments }, editable) {
      for (const [index, { tokens }] of attachments.entries()) {
        const count = counts[index];
        if (count !== undefined) setText(count, formatTokens(tokens));
      }
      edit.toggleAttribute('disabled', !editable);
    },
  };
}
