import * as l10n from '@vscode/l10n';
import { assertNever } from '../../../engine/base/errors.js';
import { maxAttachments } from '../../../engine/chat/conversation.js';
import { failureText } from '../../../engine/protocol/failureText.js';
import type { Notice } from '../../chatState.js';
import { iconButton, textButton } from '../controls.js';
import { h } from '../dom.js';
import { icon } from '../icons.js';
import type { Post } from '../vscodeApi.js';

export interface Notices {
  readonly element: HTMLElement;
  update(notices: readonly Notice[]): void;
}

type Hint = Extract<Notice, { kind: 'hint' }>['hint'];

function hintText(hint: Hint): string {
  switch (hint) {
    case 'noEditor':
      return l10n.t('No file is open in an editor. Open one first.');
    case 'noSelection':
      return l10n.t('Nothing is selected. Select the text in the editor first.');
    case 'attachmentTooLarge':
      return l10n.t('The file is too large to attach. Select the part that matters and attach the selection.');
    case 'tooManyAttachments':
      return l10n.t('No more than {0} pieces can be attached to a question. Remove one first.', maxAttachments);
    case 'binaryFile':
      return l10n.t('The file is not text, so it cannot be attached.');
    case 'busy':
      return l10n.t('An answer is still being written. Wait for it, or stop it first.');
    case 'nothingChanges':
      return l10n.t('The file already has this code, so there is nothing to change.');
    default:
      return assertNever(hint);
  }
}

function noticeText(notice: Notice): string {
  switch (notice.kind) {
    case 'failure':
      return failureText(notice.failure);
    case 'deleted':
      return l10n.t('“{0}” was deleted.', notice.title);
    case 'damaged':
      return l10n.t('A conversation could not be read. Its file was kept as {0}.', notice.path);
    case 'conflict':
      return l10n.t('“{0}” was changed in another window at the same time. Both versions are kept; this is the one of this window.', notice.title);
    case 'hint':
      return hintText(notice.hint);
    default:
      return assertNever(notice);
  }
}

function noticeView(notice: Notice, post: Post): HTMLElement {
  const problem = notice.kind === 'failure' || notice.kind === 'damaged';
  const storage = notice.kind === 'failure' && (notice.failure.code === 'diskFull' || notice.failure.code === 'storageFailed');
  const actions = h(
    'div',
    { class: 'alert-actions' },
    storage ? textButton(l10n.t('Try to save again'), 'secondary', () => post({ type: 'retrySave' })) : null,
    notice.kind === 'deleted' ? textButton(l10n.t('Undo'), 'secondary', () => post({ type: 'undoDelete', id: notice.conversationId })) : null,
  );
  return h(
    'div',
    { class: `alert ${problem ? 'error' : 'info'}`, role: problem ? 'alert' : 'status' },
    icon(problem ? 'warning' : 'info'),
    h('div', { class: 'alert-body' }, noticeText(notice), actions.childElementCount > 0 ? actions : null),
    iconButton('close', l10n.t('Dismiss'), () => post({ type: 'dismissNotice', id: notice.id })),
  );
}

/** What the user should know, one line each, above the composer. */
export function notices(post: Post): Notices {
  const element = h('div', { class: 'notices' });
  const views = new Map<string, HTMLElement>();
  return {
    element,
    update(list) {
      const present = new Set(list.map((notice) => notice.id));
      for (const [id, view] of views) {
        if (present.has(id)) continue;
        view.remove();
        views.delete(id);
      }
      for (const notice of list) {
        if (views.has(notice.id)) continue;
        const view = noticeView(notice, post);
        views.set(notice.id, view);
        element.append(view);
      }
    },
  };
}
