import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { Places } from '../engineOptions.js';
import { Hold } from '../hold.js';
import type { SettingsReader } from '../settingsReader.js';
import { TreeProvider } from '../tree/treeProvider.js';
import { rolesOf } from './modelUse.js';
import type { ModelsState } from './modelsState.js';
import { modelsTree } from './tree/modelsTree.js';
import type { TreeNode } from '../tree/treeNode.js';

/** A model's figures are there for those who look for them. */
const closedAtFirst = /^model:/;

export interface ModelsViewDeps {
  readonly state: ModelsState;
  readonly settings: SettingsReader;
  readonly places: Places;
  /** Takes dropped files into the list. */
  readonly onDrop: (transfer: vscode.DataTransfer) => Promise<void>;
}

/** The Models view in Seekpod's sidebar: what is installed, and what is on its way. */
export class ModelsView implements Disposable {
  readonly #store = new DisposableStore();
  readonly #provider: TreeProvider;
  readonly #tree: vscode.TreeView<string>;

  constructor(private readonly deps: ModelsViewDeps) {
    const { state, settings } = deps;
    this.#provider = this.#store.add(new TreeProvider(this.#rows(), closedAtFirst));
    this.#tree = this.#store.add(vscode.window.createTreeView('seekpod.models', {
      treeDataProvider: this.#provider,
      showCollapseAll: true,
      dragAndDropController: { dragMimeTypes: [], dropMimeTypes: ['text/uri-list', 'files'], handleDrop: (_target, transfer) => deps.onDrop(transfer) },
    }));
    const seen = this.#store.add(new Hold(() => state.hold()));
    this.#store.add(this.#tree.onDidChangeVisibility(({ visible }) => seen.set(visible)));
    this.#store.add(state.onChange(() => this.#show()));
    this.#store.add(settings.onChange(() => this.#show()));
    seen.set(this.#tree.visible);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #rows(): TreeNode[] {
    const { state, settings, places } = this.deps;
    return modelsTree({ status: state.status, failure: state.failure, rolesOf: (path) => rolesOf(path, settings.current, places) });
  }

  #show(): void {
    this.#provider.show(this.#rows());
    const downloads = this.deps.state.status?.downloads.length ?? 0;
    this.#tree.badge = downloads === 0 ? undefined : { value: downloads, tooltip: vscode.l10n.t('{0} downloads', downloads) };
  }
}
