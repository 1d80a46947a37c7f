import * as vscode from 'vscode';
import { type Disposable, DisposableStore, toDisposable } from '../../../engine/base/disposable.js';
import type { PodClient } from '../../../engine/client/podClient.js';
import { digitGroups } from '../../../engine/protocol/podText.js';
import type { Pairing } from '../../../engine/protocol/podTypes.js';
import { notificationText } from '../../notificationText.js';
import type { PodState } from '../podState.js';
import { withCancel } from '../../withCancel.js';

interface Answer extends vscode.QuickPickItem {
  readonly equal: boolean;
}

/**
 * Shows the digits and takes the answer; leaving without one withdraws the pairing. A quick pick, for it is in front of everything
 * and, unlike a modal message, can be closed when the pairing ends otherwise.
 */
function showDigits({ name, digits }: Pairing, answer: (equal: boolean | undefined) => void): Disposable {
  const store = new DisposableStore();
  const pick = store.add(vscode.window.createQuickPick<Answer>());
  let answered = false;
  const end = (equal: boolean | undefined): void => {
    if (answered) return;
    answered = true;
    answer(equal);
    pick.hide();
  };
  pick.title = vscode.l10n.t('Pair with {0}: {1}', name, digitGroups(digits));
  pick.placeholder = vscode.l10n.t('Does {0} show {1} too? Compare all six digits.', name, digitGroups(digits));
  pick.ignoreFocusOut = true;
  pick.items = [
    { equal: true, label: `$(check) ${vscode.l10n.t('The digits are equal')}`, detail: vscode.l10n.t('{0} is paired when it is confirmed there too.', name) },
    { equal: false, label: `$(close) ${vscode.l10n.t('The digits differ')}`, detail: vscode.l10n.t('Nothing is paired: somebody may be in between.') },
  ];
  // A stray Enter is no answer.
  pick.activeItems = [];
  store.add(pick.onDidAccept(() => {
    const [chosen] = pick.selectedItems;
    if (chosen !== undefined) end(chosen.equal);
  }));
  store.add(pick.onDidHide(() => end(undefined)));
  // Closing it from here is no answer.
  store.add(toDisposable(() => {
    answered = true;
  }));
  pick.show();
  return store;
}

export interface AskToPairDeps {
  readonly pod: PodClient;
  readonly state: PodState;
}

/** Pairs with a machine that has been seen: its digits in front of everything until the user, or the other machine, has answered. */
export async function askToPair({ pod, state }: AskToPairDeps, fingerprint: string, name: string): Promise<void> {
  await withCancel(vscode.l10n.t('Pairing with {0}', name), async (signal, progress) => {
    const store = new DisposableStore();
    const withdraw = new AbortController();
    let dialog: { readonly id: string; readonly shown: Disposable } | undefined;
    const close = (): void => {
      dialog?.shown.dispose();
      dialog = undefined;
    };
    const follow = (): void => {
      const pairing = state.facts.status?.pairings.find((candidate) => candidate.side === 'asking' && candidate.fingerprint === fingerprint);
      if (pairing?.state === 'compare' && dialog === undefined) {
        const shown = showDigits(pairing, (equal) => {
          if (equal === undefined) withdraw.abort();
          // The outcome is the one of `pair`.
          else pod.confirmPairing(pairing.id, equal).catch(() => undefined);
        });
        dialog = { id: pairing.id, shown };
      } else if (dialog !== undefined && pairing?.state !== 'compare') close();
      if (pairing?.state === 'waiting') progress.report({ message: vscode.l10n.t('Waiting for its user to confirm {0}', digitGroups(pairing.digits)) });
    };
    store.add(state.hold());
    store.add(state.onChange(follow));
    store.add({ dispose: close });
    try {
      follow();
      await pod.pair(fingerprint, AbortSignal.any([signal, withdraw.signal]));
    } finally {
      store.dispose();
    }
  });
  void vscode.window.showInformationMessage(notificationText(vscode.l10n.t('{0} and this machine are paired.', name)));
}
