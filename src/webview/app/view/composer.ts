import * as l10n from '@vscode/l10n';
import { attachmentHeading } from '../../../engine/chat/chatPrompt.js';
import { type Attachment, maxTextCharacters, openAnswer } from '../../../engine/chat/conversation.js';
import { contextTokens } from '../../../engine/chat/tokenEstimate.js';
import { type ChatState, type Draft, noDraft } from '../../chatState.js';
import { badge, iconButton, textArea } from '../controls.js';
import { h, setText } from '../dom.js';
import { formatCount, formatTokens } from '../format.js';
import { icon } from '../icons.js';
import { type Post, rememberDraft } from '../vscodeApi.js';
import { attachMenu } from './attachMenu.js';

/** The draft is told to the host when the user has paused this long, in milliseconds. */
const saveDraftAfterMs = 200;

export interface Composer {
  readonly element: HTMLElement;
  update(state: ChatState): void;
  focus(): void;
  readonly draft: Draft;
  setDraft(draft: Draft): void;
}

/** The question that is being written, and what goes with it. */
export function composer(post: Post): Composer {
  let state: ChatState | undefined;
  let draft = noDraft;
  let shownAttachments: readonly Attachment[] = [];
  let saving: ReturnType<typeof setTimeout> | undefined;
  const busy = (): boolean => state !== undefined && openAnswer(state.conversation) !== undefined;

  const tooLong = (): boolean => area.value.length > maxTextCharacters;
  const canSend = (): boolean => area.value.trim() !== '' && !tooLong();

  const chips = h('ul', { class: 'chips', 'aria-label': l10n.t('Attached') });
  const area = textArea(l10n.t('Question'), l10n.t('Ask about your code'));
  const budget = h('span', { class: 'budget' });
  const send = iconButton('send', l10n.t('Send (Enter)'), () => submit(), 'send');
  const stop = iconButton('stop', l10n.t('Stop (Escape)'), () => post({ type: 'stop' }), 'stop');
  const row = h('div', { class: 'composer-row' }, attachMenu(post), budget, send, stop);
  const element = h('section', { class: 'composer', 'aria-label': l10n.t('Question') }, chips, area, row);

  const updateBudget = (): void => {
    if (state === undefined) return;
    const { engine } = state;
    const limit = engine.state === 'ready' || engine.state === 'generating' ? engine.model.contextSize : null;
    const used = contextTokens(state.conversation, state.attachments, area.value);
    budget.hidden = used === 0;
    const over = limit !== null && used > limit;
    const size = limit === null ? formatTokens({ count: used, exact: false }) : l10n.t('~{0} of {1} tokens', formatCount(used), formatCount(limit));
    setText(budget, tooLong() ? l10n.t('too long to send') : size);
    budget.title = tooLong() ? l10n.t('A question has at most {0} characters. Attach a file instead.', formatCount(maxTextCharacters)) : over ? l10n.t('More than the context holds: the oldest turns will be left out.') : l10n.t('What the next question would send, estimated');
    budget.classList.toggle('over', over || tooLong());
  };
  const saveDraft = (): void => {
    clearTimeout(saving);
    saving = undefined;
    post({ type: 'draft', ...draft });
  };
  const draftChanged = (): void => {
    draft = { text: area.value, at: Date.now() };
    rememberDraft(draft);
    updateBudget();
    send.toggleAttribute('disabled', !canSend());
    clearTimeout(saving);
    saving = setTimeout(saveDraft, saveDraftAfterMs);
  };
  const submit = (): void => {
    if (!canSend() || busy()) return;
    clearTimeout(saving);
    saving = undefined;
    draft = { text: '', at: Date.now() };
    post({ type: 'send', text: area.value, draftAt: draft.at });
    area.value = '';
    rememberDraft(draft);
    send.toggleAttribute('disabled', true);
    updateBudget();
  };
  area.addEventListener('input', draftChanged);
  // Who leaves the question may leave the window.
  area.addEventListener('focusout', () => {
    if (saving !== undefined) saveDraft();
  });
  area.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  });

  const chip = (attachment: Attachment): HTMLElement => {
    const name = attachmentHeading(attachment).slice(1);
    return h(
      'li',
      { class: 'chip', title: attachment.path },
      icon(attachment.kind),
      h('span', { class: 'chip-name' }, name),
      badge(formatTokens(attachment.tokens)),
      iconButton('close', l10n.t('Remove {0}', name), () => {
        post({ type: 'detach', attachmentId: attachment.id });
        area.focus();
      }),
    );
  };

  return {
    element,
    get draft() {
      return draft;
    },
    focus: () => area.focus(),
    setDraft(next) {
      draft = next;
      area.value = next.text;
      send.toggleAttribute('disabled', !canSend());
      updateBudget();
    },
    update(next) {
      state = next;
      if (next.attachments !== shownAttachments) {
        shownAttachments = next.attachments;
        chips.replaceChildren(...next.attachments.map(chip));
        chips.hidden = next.attachments.length === 0;
      }
      const running = busy();
      // Focus must not be lost with the button that had it.
      const refocus = document.hasFocus() && document.activeElement === (running ? send : stop);
      send.hidden = running;
      stop.hidden = !running;
      if (refocus) area.focus();
      updateBudget();
    },
  };
}
