import {
  provideVSCodeDesignSystem,
  vsCodeBadge,
  vsCodeButton,
  vsCodeLink,
  vsCodeProgressRing,
  vsCodeTextArea,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

/** Registers the controls of the view; the only place that knows the toolkit. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeBadge(), vsCodeButton(), vsCodeLink(), vsCodeProgressRing(), vsCodeTextArea(), vsCodeTextField());
}

/** A text control of the toolkit, as far as the view uses it. */
export interface TextControl extends HTMLElement {
  value: string;
}
