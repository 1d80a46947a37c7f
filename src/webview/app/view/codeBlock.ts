import * as l10n from '@vscode/l10n';
import type { CodeAction } from '../../protocol.js';
import { iconButton } from '../controls.js';
import { h, setText } from '../dom.js';
import { highlight } from '../highlight.js';
import type { IconName } from '../icons.js';
import { sanitize } from '../markdown.js';
import { roving } from '../roving.js';

export type UseCode = (action: CodeAction, code: string, language: string) => void;

export interface CodeBlockView {
  readonly element: HTMLElement;
  update(code: string, language: string): void;
}

const actions: readonly { readonly action: CodeAction; readonly icon: IconName; readonly label: () => string }[] = [
  { action: 'copy', icon: 'copy', label: () => l10n.t('Copy code') },
  { action: 'insert', icon: 'insert', label: () => l10n.t('Insert at cursor') },
  { action: 'apply', icon: 'apply', label: () => l10n.t('Apply to file') },
  { action: 'newFile', icon: 'newFile', label: () => l10n.t('New file') },
];

/** A code block with its language and what can be done with it. */
export function codeBlock(useCode: UseCode): CodeBlockView {
  let shownCode: string | undefined;
  let shownLanguage: string | undefined;
  const label = h('span', { class: 'language' });
  const code = h('code', { class: 'hljs' });
  const use = (action: CodeAction): void => useCode(action, (shownCode ?? '').replace(/\n$/, ''), shownLanguage ?? '');
  const buttons = actions.map(({ action, icon, label: text }) => iconButton(icon, text(), () => use(action)));
  const toolbar = h('div', { class: 'toolbar', role: 'toolbar', 'aria-label': l10n.t('Code block') }, ...buttons);
  roving(toolbar, () => buttons, { back: 'ArrowLeft', on: 'ArrowRight' });
  // Long lines are scrolled to with the keyboard, too.
  const scroller = h('pre', { tabindex: '0' }, code);
  const element = h('div', { class: 'code-block' }, h('div', { class: 'code-header' }, label, toolbar), scroller);
  return {
    element,
    update(text, language) {
      if (text === shownCode && language === shownLanguage) return;
      shownCode = text;
      shownLanguage = language;
      setText(label, language === '' ? l10n.t('text') : language);
      scroller.setAttribute('aria-label', language === '' ? l10n.t('Code') : l10n.t('Code in {0}', language));
      const markup = highlight(text, language.toLowerCase());
      if (markup === null) setText(code, text);
      else code.replaceChildren(sanitize(markup));
    },
  };
}
