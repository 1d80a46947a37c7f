import * as l10n from '@vscode/l10n';
import type { AttachSource } from '../../protocol.js';
import { iconButton } from '../controls.js';
import { h } from '../dom.js';
import { icon, type IconName } from '../icons.js';
import { roving } from '../roving.js';
import type { Post } from '../vscodeApi.js';

const choices: readonly { readonly source: AttachSource; readonly icon: IconName; readonly label: () => string }[] = [
  { source: 'file', icon: 'file', label: () => l10n.t('Current file') },
  { source: 'selection', icon: 'selection', label: () => l10n.t('Selection') },
  { source: 'pick', icon: 'search', label: () => l10n.t('Choose a file…') },
];

/** The button that attaches something to the question, with its menu. */
export function attachMenu(post: Post): HTMLElement {
  const setOpen = (open: boolean): void => {
    menu.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
  };
  const button = iconButton('attach', l10n.t('Attach context'), () => {
    const opening = menu.hidden !== false;
    setOpen(opening);
    if (opening) items[0]?.focus();
  });
  button.setAttribute('aria-haspopup', 'menu');
  const items = choices.map(({ source, icon: name, label }) => {
    const choose = (): void => {
      setOpen(false);
      button.focus();
      post({ type: 'attach', source });
    };
    return h('button', { class: 'menu-item', type: 'button', role: 'menuitem', click: choose }, icon(name), label());
  });
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': l10n.t('Attach context'), hidden: true }, ...items);
  roving(menu, () => items, { back: 'ArrowUp', on: 'ArrowDown' });
  const element = h('div', { class: 'attach' }, button, menu);
  element.addEventListener('focusout', (event) => {
    if (!(event.relatedTarget instanceof Node) || !element.contains(event.relatedTarget)) setOpen(false);
  });
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || menu.hidden) return;
    event.stopPropagation();
    setOpen(false);
    button.focus();
  });
  return element;
}
