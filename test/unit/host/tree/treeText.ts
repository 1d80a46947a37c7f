import type { TreeNode } from '../../../../src/host/tree/treeNode.js';

/** A tree as it is read: a line per row, label and description, indented by depth. */
export function treeText(nodes: readonly TreeNode[], depth = 0): string[] {
  return nodes.flatMap(({ label, description, children }) => [
    `${'  '.repeat(depth)}${label}${description === '' ? '' : ` · ${description}`}`,
    ...treeText(children, depth + 1),
  ]);
}

/** Every row of a tree. */
export function allNodes(nodes: readonly TreeNode[]): TreeNode[] {
  return nodes.flatMap((node) => [node, ...allNodes(node.children)]);
}
