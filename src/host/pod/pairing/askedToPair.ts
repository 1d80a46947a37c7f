import * as vscode from 'vscode';
import { type Deferred, deferred } from '../../../engine/base/async.js';
import { type Disposable, DisposableStore } from '../../../engine/base/disposable.js';
import { digitGroups } from '../../../engine/protocol/podText.js';
import type { Pairing, PodStatus } from '../../../engine/protocol/podTypes.js';
import { notificationText } from '../../notificationText.js';
import { pairingRow } from '../tree/podRows.js';
import type { PodState } from '../podState.js';

function link(label: string, command: string, ...args: readonly unknown[]): string {
  return `[${label}](command:${command}?${encodeURIComponent(JSON.stringify(args))})`;
}

/**
 * Says that another machine asks to be paired, without coming before what the user does. It is a progress notification,
 * for these alone can be closed when the pairing ends otherwise; its answers are links, and its button refuses.
 */
function tell({ id, name, digits }: Pairing, ended: Promise<void>): void {
  const row = pairingRow(id);
  const question = vscode.l10n.t('{0} – does {1} show these digits too? It asks to be paired with this machine.', digitGroups(digits), notificationText(name));
  const answers = [
    link(vscode.l10n.t('The digits are equal'), 'seekpod.pod.confirmPairing', row),
    link(vscode.l10n.t('They differ'), 'seekpod.pod.rejectPairing', row),
  ];
  void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, cancellable: true, title: `${question} ${answers.join(' · ')}` }, async (_progress, token) => {
    const refused = token.onCancellationRequested(() => vscode.commands.executeCommand('seekpod.pod.rejectPairing', row));
    await ended;
    refused.dispose();
  });
}

/** The pairings that others ask for and that wait for an answer here. */
export function askedPairings(status: PodStatus | null): Pairing[] {
  return (status?.pairings ?? []).filter(({ side, state }) => side === 'asked' && state === 'compare');
}

/** Tells the user of every machine that asks to be paired, until it is answered here or there, or lapses. */
export function tellAskedPairings(state: PodState): Disposable {
  const store = new DisposableStore();
  const told = new Map<string, Deferred<void>>();
  store.add(state.onChange(({ status }) => {
    const open = askedPairings(status);
    for (const pairing of open) {
      if (told.has(pairing.id)) continue;
      const ended = deferred<void>();
      told.set(pairing.id, ended);
      tell(pairing, ended.promise);
    }
    for (const [id, ended] of told) {
      if (open.some((pairing) => pairing.id === id)) continue;
      told.delete(id);
      ended.resolve();
    }
  }));
  store.add({
    dispose: () => {
      for (const ended of told.values()) ended.resolve();
    },
  });
  return store;
}
