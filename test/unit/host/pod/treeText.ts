import type { PodNode } from '../../../../src/host/pod/tree/podNode.js';

/** A tree as it is read: a line per row, label and description, indented by depth. */
export function treeText(nodes: readonly PodNode[], depth = 0): string[] {
  return nodes.flatMap(({ label, description, children }) => [
    `${'  '.repeat(depth)}${label}${description === '' ? '' : ` · ${description}`}`,
    ...treeText(children, depth + 1),
  ]);
}

/** Every row of a tree. */
export function allNodes(nodes: readonly PodNode[]): PodNode[] {
  return nodes.flatMap((node) => [node, ...allNodes(node.children)]);
}
