import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestAccess } from '../../src/host/openStores.js';

/** Sorted last: the extension does not work any more afterwards. */
describe('the end of the extension', () => {
  it('leaves no store undisposed', async () => {
    const access = await vscode.extensions.getExtension<TestAccess>('seekpod.seekpod')?.activate();
    assert.ok(access);
    assert.notDeepEqual(access.openStores(), []);
    await access.deactivate();
    assert.deepEqual(access.openStores(), []);
  });
});
