import { h } from './dom.js';
import { icon, type IconName } from './icons.js';
import type { TextControl } from './toolkit.js';

/** A button with an icon only; its label is for screen readers and the tooltip. */
export function iconButton(name: IconName, label: string, onClick: () => void, className = ''): HTMLElement {
  return h('vscode-button', { appearance: 'icon', 'aria-label': label, title: label, class: className, click: onClick }, icon(name));
}

export function textButton(label: string, appearance: 'primary' | 'secondary', onClick: () => void): HTMLElement {
  return h('vscode-button', { appearance, click: onClick }, label);
}

/** The toolkit takes the label for screen readers from the text inside, whatever `aria-label` says; the style sheet hides it. */
export function textArea(label: string, placeholder: string): TextControl {
  return h('vscode-text-area', { placeholder, rows: '1', resize: 'none' }, label) as TextControl;
}

export function textField(label: string, placeholder: string): TextControl {
  return h('vscode-text-field', { placeholder }, label) as TextControl;
}

export function badge(text: string): HTMLElement {
  return h('vscode-badge', {}, text);
}

export function progressRing(): HTMLElement {
  return h('vscode-progress-ring', { class: 'ring', 'aria-hidden': 'true' });
}
