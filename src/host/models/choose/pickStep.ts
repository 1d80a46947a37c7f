import * as vscode from 'vscode';
import { DisposableStore, toDisposable } from '../../../engine/base/disposable.js';
import type { Choice, ChoiceGroup } from './choice.js';

/** One list of a picker with several. */
export interface PickStep<T> {
  readonly title: string;
  readonly placeholder: string;
  /**
   * What stands there at once. Where more is to come, nothing that can be chosen: VS Code takes a line that is pressed
   * at the moment of the change for the one that is in its place then.
   */
  readonly groups: readonly ChoiceGroup<T>[];
  /** What takes its place when it is known. Must not reject. */
  readonly complete?: (signal: AbortSignal) => Promise<readonly ChoiceGroup<T>[]>;
  /** Whether there is a list to go back to. */
  readonly back: boolean;
}

export type Picked<T> = { readonly kind: 'chosen'; readonly value: T } | { readonly kind: 'back' } | { readonly kind: 'closed' };

interface Item<T> extends vscode.QuickPickItem {
  readonly value?: T;
}

function itemsOf<T>(groups: readonly ChoiceGroup<T>[]): Item<T>[] {
  return groups.filter(({ choices }) => choices.length > 0).flatMap(({ heading, choices }): Item<T>[] => [
    ...(heading === '' ? [] : [{ label: heading, kind: vscode.QuickPickItemKind.Separator }]),
    // An icon in the label would be read out by its name.
    ...choices.map(({ icon, ...choice }: Choice<T>) => ({ ...choice, iconPath: new vscode.ThemeIcon(icon) })),
  ]);
}

/** Shows a list and answers what became of it. Lines that only inform stay when they are pressed. */
export async function pickStep<T>({ title, placeholder, groups, complete, back }: PickStep<T>): Promise<Picked<T>> {
  const store = new DisposableStore();
  const ended = new AbortController();
  try {
    return await new Promise((resolve) => {
      const pick = store.add(vscode.window.createQuickPick<Item<T>>());
      store.add(toDisposable(() => ended.abort()));
      pick.title = title;
      pick.placeholder = placeholder;
      pick.matchOnDescription = true;
      pick.matchOnDetail = true;
      pick.items = itemsOf(groups);
      if (back) pick.buttons = [vscode.QuickInputButtons.Back];
      store.add(pick.onDidTriggerButton(() => resolve({ kind: 'back' })));
      store.add(pick.onDidAccept(() => {
        const [chosen] = pick.selectedItems;
        if (chosen?.value !== undefined) resolve({ kind: 'chosen', value: chosen.value });
      }));
      store.add(pick.onDidHide(() => resolve({ kind: 'closed' })));
      pick.show();
      if (complete === undefined) return;
      pick.busy = true;
      void complete(ended.signal).then((all) => {
        if (ended.signal.aborted) return;
        pick.items = itemsOf(all);
        pick.busy = false;
      });
    });
  } finally {
    store.dispose();
  }
}
