import * as vscode from 'vscode';
import { DisposableStore } from '../../engine/base/disposable.js';
import type { Machine } from '../../engine/protocol/podTypes.js';
import type { PodState } from './podState.js';

/** A machine whose key is known. */
export interface KnownMachine {
  readonly fingerprint: string;
  readonly name: string;
}

interface Choice extends vscode.QuickPickItem {
  readonly machine: KnownMachine;
}

function choiceOf({ fingerprint, name, addresses }: Machine): Choice[] {
  return fingerprint === null ? [] : [{ machine: { fingerprint, name }, label: name, description: addresses.map(({ host }) => host).join(', ') }];
}

/** Lets the user choose among the machines that are there; those that appear meanwhile are added. Undefined when none is chosen. */
export async function pickMachine(state: PodState, title: string, placeholder: string, suits: (machine: Machine) => boolean): Promise<KnownMachine | undefined> {
  const store = new DisposableStore();
  try {
    return await new Promise((resolve) => {
      const pick = store.add(vscode.window.createQuickPick<Choice>());
      const update = (): void => {
        const [active] = pick.activeItems;
        const items = (state.facts.status?.machines ?? []).filter(suits).flatMap(choiceOf);
        if (JSON.stringify(items) !== JSON.stringify(pick.items)) {
          pick.items = items;
          pick.activeItems = items.filter(({ machine }) => machine.fingerprint === active?.machine.fingerprint);
        }
        pick.placeholder = items.length === 0 ? vscode.l10n.t('No such machine has been seen yet…') : placeholder;
      };
      pick.title = title;
      pick.busy = true;
      store.add(state.hold());
      store.add(state.onChange(update));
      store.add(pick.onDidAccept(() => resolve(pick.selectedItems[0]?.machine)));
      store.add(pick.onDidHide(() => resolve(undefined)));
      update();
      pick.show();
    });
  } finally {
    store.dispose();
  }
}
