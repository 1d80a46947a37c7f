import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { Hold } from '../hold.js';
import { TreeProvider } from '../tree/treeProvider.js';
import { askedPairings } from './pairing/askedToPair.js';
import { type PodFacts, podTree } from './tree/podTree.js';
import type { PodState } from './podState.js';

/** Machines have more to say than is asked every day. */
const closedAtFirst = /^(machine:|address:|plan\/leftOut$|own$)/;

/** The Pod view in Seekpod's sidebar. The daemon looks for machines while it is seen. */
export class PodView implements Disposable {
  readonly #store = new DisposableStore();
  readonly #provider: TreeProvider;
  readonly #tree: vscode.TreeView<string>;
  #shared: boolean | undefined;

  constructor(state: PodState) {
    this.#provider = this.#store.add(new TreeProvider(podTree(state.facts), closedAtFirst));
    this.#tree = this.#store.add(vscode.window.createTreeView('seekpod.pod', { treeDataProvider: this.#provider, showCollapseAll: true }));
    const seen = this.#store.add(new Hold(() => state.hold()));
    this.#store.add(this.#tree.onDidChangeVisibility(({ visible }) => seen.set(visible)));
    this.#store.add(state.onChange((facts) => this.#show(facts)));
    seen.set(this.#tree.visible);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #show(facts: PodFacts): void {
    this.#provider.show(podTree(facts));
    const asked = askedPairings(facts.status).length;
    this.#tree.badge = asked === 0 ? undefined : { value: asked, tooltip: vscode.l10n.t('{0} waiting to be paired', asked) };
    const shared = facts.status !== null && facts.status.sharing.state !== 'off';
    if (shared === this.#shared) return;
    this.#shared = shared;
    void vscode.commands.executeCommand('setContext', 'seekpod.podShared', shared);
  }
}
