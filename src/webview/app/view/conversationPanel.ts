import * as l10n from '@vscode/l10n';
import { maxTitleCharacters } from '../../../engine/chat/conversation.js';
import type { SearchHit } from '../../../engine/chat/search.js';
import type { ChatState, ConversationSummary } from '../../chatState.js';
import { iconButton, progressRing, textField } from '../controls.js';
import { h, setChildren } from '../dom.js';
import { formatMoment } from '../format.js';
import { roving } from '../roving.js';
import type { Post } from '../vscodeApi.js';

export interface ConversationPanel {
  readonly element: HTMLElement;
  update(state: ChatState): void;
  open(): void;
  close(): void;
  /** Closes it for somebody who is elsewhere already: the focus stays there. */
  dismiss(): void;
  readonly isOpen: boolean;
}

/** The list of all conversations: search, open, rename, delete, export. */
export function conversationPanel(post: Post, onHidden: () => void, returnFocus: () => void): ConversationPanel {
  const search = textField(l10n.t('Search conversations'), l10n.t('Search conversations'));
  const list = h('div', { class: 'conversation-list', role: 'list', 'aria-label': l10n.t('Conversations') });
  const empty = h('p', { class: 'note' });
  const element = h('section', { class: 'panel', role: 'dialog', 'aria-label': l10n.t('Conversations'), tabindex: '-1', hidden: true }, search, list, empty);
  let shown: { readonly summaries: readonly ConversationSummary[]; readonly search: ChatState['search']; readonly current: string } | undefined;
  let renaming: string | undefined;

  const dismiss = (): void => {
    if (element.hidden) return;
    element.hidden = true;
    renaming = undefined;
    if (search.value !== '') {
      search.value = '';
      post({ type: 'search', query: '' });
    }
    onHidden();
  };
  const close = (): void => {
    if (element.hidden) return;
    dismiss();
    returnFocus();
  };
  const items = (): HTMLElement[] => Array.from(list.querySelectorAll<HTMLElement>('.conversation'));
  roving(list, items, { back: 'ArrowUp', on: 'ArrowDown' });
  search.addEventListener('input', () => post({ type: 'search', query: search.value }));
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (event.key === 'ArrowDown' && event.target === search) {
      event.preventDefault();
      items()[0]?.focus();
    }
  });

  const endRenaming = (id: string): void => {
    renaming = undefined;
    render();
    items().find((item) => item.dataset['id'] === id)?.focus();
  };
  const renameField = ({ id, title }: ConversationSummary): HTMLElement => {
    const field = textField(l10n.t('New title'), '');
    field.value = title;
    field.setAttribute('maxlength', String(maxTitleCharacters));
    field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      const value = field.value.trim();
      if (event.key === 'Enter' && value !== '' && value !== title) post({ type: 'renameConversation', id, title: value });
      endRenaming(id);
    });
    queueMicrotask(() => field.focus());
    return h('div', { class: 'conversation renaming', role: 'listitem' }, field);
  };
  const startRenaming = (id: string): void => {
    renaming = id;
    render();
  };

  const row = (summary: ConversationSummary, hit: SearchHit | undefined, current: boolean): HTMLElement => {
    const { id, title } = summary;
    if (id === renaming) return renameField(summary);
    const open = (): void => {
      post({ type: 'openConversation', id });
      close();
    };
    const excerpt = hit?.excerpt ?? null;
    const remove = (): void => post({ type: 'deleteConversation', id });
    const element = h(
      'div',
      { class: `conversation${current ? ' current' : ''}`, role: 'listitem', tabindex: '-1', 'data-id': id, 'aria-label': title, ...(current ? { 'aria-current': 'true' } : {}) },
      h(
        'div',
        { class: 'conversation-text', click: open },
        h('div', { class: 'conversation-title' }, summary.busy ? progressRing() : null, h('span', {}, title)),
        excerpt === null ? null : h('div', { class: 'excerpt' }, excerpt.before, h('mark', {}, excerpt.match), excerpt.after),
        h('div', { class: 'conversation-facts' }, formatMoment(summary.updatedAt, Date.now()), ' · ', summary.questions === 1 ? l10n.t('1 question') : l10n.t('{0} questions', summary.questions)),
      ),
      h(
        'div',
        { class: 'actions' },
        iconButton('edit', l10n.t('Rename {0}', title), () => startRenaming(id)),
        iconButton('export', l10n.t('Export {0}', title), () => post({ type: 'exportConversation', id })),
        iconButton('trash', l10n.t('Delete {0}', title), remove),
      ),
    );
    element.addEventListener('keydown', (event) => {
      if (event.target !== element) return;
      if (event.key === 'Enter') open();
      else if (event.key === 'F2') startRenaming(id);
      else if (event.key === 'Delete') remove();
      else return;
      event.preventDefault();
    });
    return element;
  };

  const render = (): void => {
    if (shown === undefined) return;
    const { summaries, current } = shown;
    const hits = shown.search?.hits;
    const visible = hits === undefined ? summaries : summaries.filter(({ id }) => hits.some((hit) => hit.id === id));
    const focusedAt = document.hasFocus() ? items().findIndex((item) => item.contains(document.activeElement)) : -1;
    const focused = items()[focusedAt]?.dataset['id'];
    list.replaceChildren(...visible.map((summary) => row(summary, hits?.find((hit) => hit.id === summary.id), summary.id === current)));
    const rows = items();
    // After a row was deleted, the one in its place.
    const first = rows.find((item) => item.dataset['id'] === (focused ?? current)) ?? rows[Math.min(Math.max(focusedAt, 0), rows.length - 1)];
    if (first !== undefined) first.tabIndex = 0;
    if (focusedAt >= 0) (first ?? search).focus();
    setChildren(empty, visible.length > 0 ? null : hits === undefined ? l10n.t('No conversations yet.') : l10n.t('No conversation matches.'));
  };

  return {
    element,
    get isOpen() {
      return !element.hidden;
    },
    open() {
      // What a page that is gone has looked for is still looked for.
      if (element.hidden) search.value = shown?.search?.query ?? '';
      element.hidden = false;
      render();
      search.focus();
    },
    close,
    dismiss,
    update(state) {
      if (shown !== undefined && shown.summaries === state.summaries && shown.search === state.search && shown.current === state.conversation.id) return;
      shown = { summaries: state.summaries, search: state.search, current: state.conversation.id };
      // Who has gone elsewhere from a new title, to the search for one, has given it up.
      if (renaming !== undefined && !list.contains(document.activeElement)) renaming = undefined;
      if (!element.hidden && renaming === undefined) render();
    },
  };
}
