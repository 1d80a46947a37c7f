import assert from 'node:assert/strict';
import type { Download, InstalledModel, ModelsStatus } from '../../../../src/engine/protocol/modelTypes.js';
import { type ModelsFacts, modelsTree } from '../../../../src/host/models/tree/modelsTree.js';
import { treeChanges } from '../../../../src/host/tree/treeChanges.js';
import type { TreeNode } from '../../../../src/host/tree/treeNode.js';
import { someDownload, someInstalled, someModels } from '../../../support/modelExamples.js';
import { allNodes, treeText } from '../tree/treeText.js';

const bundled: InstalledModel = { ...someInstalled, id: 'calf', name: 'calf', path: '/ext/calf.gguf', origin: 'bundled', roles: ['completion', 'chat'], bytes: 13e6, quantization: 'Q8_0' };
const treeOf = (status: Partial<ModelsStatus> | null, rest: Partial<ModelsFacts> = {}): TreeNode[] => modelsTree({ status: status === null ? null : { ...someModels, ...status }, failure: null, rolesOf: () => [], ...rest });
const withDownload = (status: Download['status']): TreeNode | undefined => treeOf({ downloads: [{ ...someDownload, status }] })[0];
const withModel = (changes: Partial<InstalledModel>, rest: Partial<ModelsFacts> = {}): TreeNode | undefined => treeOf({ installed: [{ ...someInstalled, ...changes }] }, rest)[0];

describe('the rows of the Models view', () => {
  it('are none where there is only the bundled model, so that the view can welcome', () => {
    assert.deepEqual(treeOf({ installed: [bundled] }), []);
  });

  it('say that the engine is being started, and why it cannot be', () => {
    assert.deepEqual(treeText(treeOf(null)), ['Starting the engine…']);
    const [only] = treeOf(null, { failure: { code: 'daemonUnavailable', reason: 'it ended at once' } });
    assert.match(only?.label ?? '', /could not be started: it ended at once/);
  });

  it('list downloads first, then models in use, then the others, and the free disk space', () => {
    const other = { ...someInstalled, id: 'm2', name: 'Another', path: '/models/b.gguf' };
    const tree = treeOf({ downloads: [someDownload], installed: [other, someInstalled, bundled] }, { rolesOf: (path) => (path === someInstalled.path ? ['completion'] : []) });
    assert.deepEqual(tree.map(({ label }) => label), [someDownload.name, someInstalled.name, 'Another', 'calf', 'Free disk space']);
  });

  it('show rate and time left of a download, and let it be paused', () => {
    const row = withDownload({ state: 'downloading', rate: 11.2e6, secondsLeft: 190 });
    assert.equal(row?.context, 'download.downloading');
    assert.deepEqual(treeText(row.children), ['42 % · 11.2 MB/s · 3 min left']);
    assert.match(row.spoken, /^Download of .*: under way/);
  });

  it('name the quantization of a download unless its name does', () => {
    const description = (download: Partial<Download>): string | undefined => treeOf({ downloads: [{ ...someDownload, ...download }] })[0]?.description;
    assert.deepEqual([description({}), description({ name: 'coder-Q4_K_M' }), description({ quantization: '' })], ['Q4_K_M', '', '']);
    assert.equal(treeOf({ downloads: [{ ...someDownload, name: 'coder', quantization: '' }] })[0]?.spoken, 'Download of coder: under way');
  });

  it('show the other states of a download', () => {
    const state = (status: Download['status']): string | undefined => withDownload(status)?.children[0]?.label;
    assert.equal(state({ state: 'queued' }), 'waiting for its turn');
    assert.equal(state({ state: 'paused' }), 'paused at 42 %');
    assert.equal(state({ state: 'verifying', progress: 0.5 }), 'verifying, 50 %');
  });

  it('are not drawn anew for a download when only its figures change: a click on a button would be lost', () => {
    const [one, later] = [treeOf({ downloads: [someDownload] }), treeOf({ downloads: [{ ...someDownload, receivedBytes: 500e6 }] })];
    assert.deepEqual(treeChanges(one, later), [`download:${someDownload.id}/state`]);
  });

  it('say why a download has stopped, in a row of its own', () => {
    const row = withDownload({ state: 'failed', failure: { code: 'checksumMismatch', path: '/models/coder.gguf', expected: 'ab'.repeat(32), actual: 'cd'.repeat(32) } });
    assert.deepEqual([row?.context, row?.tone], ['download.failed', 'bad']);
    assert.ok(row);
    assert.match(row.children[0]?.label ?? '', /^Its checksum differs/);
    assert.match(row.children[0]?.spoken ?? '', /is not the file it should be/);
  });

  it('say when a download that found no network is tried again', () => {
    const row = withDownload({ state: 'failed', failure: { code: 'serverUnreachable', host: 'hub.example', reason: 'ENETUNREACH' }, againAt: 1_767_225_600_000 });
    assert.match(row?.children[0]?.label ?? '', /^hub\.example cannot be reached.* tried again at /);
  });

  it('offer a model for what it is made for and does not do yet', () => {
    assert.equal(withModel({})?.context, 'model downloaded for-completion present');
    assert.equal(withModel({ roles: ['chat'] })?.context, 'model downloaded for-chat present');
    assert.equal(withModel({}, { rolesOf: () => ['completion'] })?.context, 'model downloaded present');
  });

  it('say what a model is used for', () => {
    assert.equal(withModel({}, { rolesOf: () => ['completion'] })?.description, 'Q4_K_M · in use for completion');
    assert.equal(withModel({ roles: ['completion', 'chat'] }, { rolesOf: () => ['completion', 'chat'] })?.description, 'Q4_K_M · in use for chat and completion');
  });

  it('say that a file is gone, and offer nothing but to remove it', () => {
    const row = withModel({ missing: true });
    assert.equal(row?.context, 'model downloaded');
    assert.match(row?.children[0]?.label ?? '', /no longer where it was/);
  });

  it('warn of traps and of a checksum that differs', () => {
    const row = withModel({ traps: ['oldTokenizer'], checksum: 'differs' });
    assert.equal(row?.tone, 'bad');
    assert.deepEqual(treeText(row?.children ?? []).slice(0, 4), ['old tokenizer', 'Size · 873 MB (0.8 GiB)', 'Context · 16384 tokens', 'Checksum · differs from the published checksum']);
  });

  it('have ids of their own, and words for screen readers', () => {
    const nodes = allNodes(treeOf({ downloads: [someDownload], installed: [someInstalled, bundled] }));
    assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length);
    assert.deepEqual(nodes.filter(({ spoken }) => spoken.trim() === ''), []);
  });

  it('make nothing of a name that looks like markdown', () => {
    assert.doesNotMatch(withModel({ name: '[x](command:evil) $(bug)' })?.tooltip ?? '', /\]\(|\$\(/);
  });
});
