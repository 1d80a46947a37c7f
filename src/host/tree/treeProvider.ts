import * as vscode from 'vscode';
import type { TreeNode } from './treeNode.js';
import { treeChanges } from './treeChanges.js';

const colours: Record<TreeNode['tone'], vscode.ThemeColor | undefined> = {
  plain: undefined,
  good: new vscode.ThemeColor('testing.iconPassed'),
  warning: new vscode.ThemeColor('list.warningForeground'),
  bad: new vscode.ThemeColor('list.errorForeground'),
};

function treeItem(node: TreeNode, closed: boolean): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(node.label, node.children.length === 0 ? None : closed ? Collapsed : Expanded);
  item.id = node.id;
  item.description = node.description;
  item.iconPath = new vscode.ThemeIcon(node.icon, colours[node.tone]);
  item.tooltip = new vscode.MarkdownString(node.tooltip === '' ? undefined : node.tooltip);
  item.accessibilityInformation = { label: node.spoken };
  if (node.context !== '') item.contextValue = node.context;
  if (node.command !== null) {
    const [command, ...args] = node.command;
    item.command = { command, title: node.label, arguments: args };
  }
  return item;
}

/** Hands the rows to VS Code, by their ids, and redraws those that change. */
export class TreeProvider implements vscode.TreeDataProvider<string>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<string[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #nodes = new Map<string, TreeNode>();
  readonly #parents = new Map<string, string>();

  /** `closedAtFirst`: ids of rows that are closed until somebody opens them. */
  constructor(
    private roots: readonly TreeNode[],
    private readonly closedAtFirst: RegExp,
  ) {
    this.#index(roots);
  }

  /** Shows these rows from now on. */
  show(roots: readonly TreeNode[]): void {
    const changes = treeChanges(this.roots, roots);
    this.roots = roots;
    this.#nodes.clear();
    this.#parents.clear();
    this.#index(roots);
    if (changes === 'all') this.#changed.fire(undefined);
    else if (changes.length > 0) this.#changed.fire([...changes]);
  }

  getChildren(id?: string): string[] {
    const nodes = id === undefined ? this.roots : (this.#nodes.get(id)?.children ?? []);
    return nodes.map((node) => node.id);
  }

  getTreeItem(id: string): vscode.TreeItem {
    const node = this.#nodes.get(id);
    return node === undefined ? new vscode.TreeItem('') : treeItem(node, this.closedAtFirst.test(id));
  }

  getParent(id: string): string | undefined {
    return this.#parents.get(id);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #index(nodes: readonly TreeNode[]): void {
    for (const node of nodes) {
      this.#nodes.set(node.id, node);
      for (const child of node.children) this.#parents.set(child.id, node.id);
      this.#index(node.children);
    }
  }
}
