import * as l10n from '@vscode/l10n';
import { assertNever } from '../../../engine/base/errors.js';
import { failureText } from '../../../engine/protocol/failureText.js';
import type { RoleState } from '../../../engine/protocol/engineTypes.js';
import { textButton } from '../controls.js';
import { h, setAttribute, setChildren, setText } from '../dom.js';
import type { Post } from '../vscodeApi.js';
import { remediesFor } from './remedies.js';

export interface EngineBanner {
  readonly element: HTMLElement;
  update(engine: RoleState): void;
}

function bannerText(engine: RoleState): string | null {
  switch (engine.state) {
    case 'loading':
      return l10n.t('Loading the model… {0} %', Math.round(engine.progress * 100));
    case 'recovering':
      return l10n.t('The model process ended and is being restarted…');
    case 'off':
      return failureText({ code: 'roleOff', role: 'chat' });
    case 'error':
      return failureText(engine.failure);
    case 'unloaded':
    case 'ready':
    case 'generating':
      return null;
    default:
      return assertNever(engine);
  }
}

/** What the engine is doing when it is not simply ready. */
export function engineBanner(post: Post): EngineBanner {
  const text = h('span');
  const bar = h('progress', { max: '1', 'aria-label': l10n.t('Loading the model') });
  const actions = h('div', { class: 'alert-actions' });
  const element = h('div', { class: 'engine-banner', role: 'status', hidden: true }, text, bar, actions);
  let offered = '';
  return {
    element,
    update(engine) {
      const shown = bannerText(engine);
      element.hidden = shown === null;
      if (shown !== null) setText(text, shown);
      element.classList.toggle('problem', engine.state === 'error' || engine.state === 'off');
      bar.hidden = engine.state !== 'loading' && engine.state !== 'recovering';
      const remedies = engine.state === 'error' ? remediesFor(engine.failure) : [];
      if (JSON.stringify(remedies) !== offered) setChildren(actions, ...remedies.map(({ label, message }) => textButton(label, 'secondary', () => post(message))));
      offered = JSON.stringify(remedies);
      setAttribute(bar, 'value', engine.state === 'loading' ? String(engine.progress) : null);
    },
  };
}
