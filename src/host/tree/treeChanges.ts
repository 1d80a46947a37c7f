import type { TreeNode } from './treeNode.js';

/** What the view has to draw anew: everything, or the rows named. */
export type TreeChanges = 'all' | readonly string[];

const ids = (nodes: readonly TreeNode[]): string => JSON.stringify(nodes.map(({ id }) => id));
const own = ({ children, ...rest }: TreeNode): string => JSON.stringify([rest, children.length > 0]);

function collect(before: readonly TreeNode[], after: readonly TreeNode[], changed: string[]): void {
  for (const [index, node] of after.entries()) {
    const old = before[index];
    if (old === undefined) continue;
    // A row that is drawn anew brings its children along.
    if (own(old) !== own(node) || ids(old.children) !== ids(node.children)) changed.push(node.id);
    else collect(old.children, node.children, changed);
  }
}

/**
 * Compares two trees, so that live figures do not redraw rows with buttons: a click on a button that is
 * replaced between the press and the release would be lost.
 */
export function treeChanges(before: readonly TreeNode[], after: readonly TreeNode[]): TreeChanges {
  if (ids(before) !== ids(after)) return 'all';
  const changed: string[] = [];
  collect(before, after, changed);
  return changed;
}
