import assert from 'node:assert/strict';
import { treeNode, type TreeNode } from '../../../../src/host/tree/treeNode.js';
import { treeChanges } from '../../../../src/host/tree/treeChanges.js';

const leaf = (id: string, description = ''): TreeNode => treeNode(id, id, 'info', { description });
const group = (id: string, ...children: readonly TreeNode[]): TreeNode => treeNode(id, id, 'info', { children });

describe('what changes between two trees', () => {
  it('is nothing when they are equal', () => {
    assert.deepEqual(treeChanges([group('a', leaf('b'))], [group('a', leaf('b'))]), []);
  });

  it('is the row with a new figure, not the rows around it', () => {
    assert.deepEqual(treeChanges([group('a', leaf('b', '1'), leaf('c')), leaf('d')], [group('a', leaf('b', '2'), leaf('c')), leaf('d')]), ['b']);
  });

  it('is the group whose rows come, go or change places', () => {
    assert.deepEqual(treeChanges([group('a', leaf('b'))], [group('a', leaf('b'), leaf('c'))]), ['a']);
    assert.deepEqual(treeChanges([group('a', leaf('b'), leaf('c'))], [group('a', leaf('c'), leaf('b'))]), ['a']);
    assert.deepEqual(treeChanges([group('a', leaf('b'))], [group('a')]), ['a']);
  });

  it('is everything when groups come or go', () => {
    assert.equal(treeChanges([leaf('a')], [leaf('a'), leaf('b')]), 'all');
    assert.equal(treeChanges([], [leaf('a')]), 'all');
  });
});
