import assert from 'node:assert/strict';
import type { PodStatus } from '../../../../src/engine/protocol/podTypes.js';
import { type PodFacts, podTree } from '../../../../src/host/pod/tree/podTree.js';
import type { TreeNode } from '../../../../src/host/tree/treeNode.js';
import { localPart, machine, pairing, podStatus, preview, remotePart, stranger, studio, traffic } from '../../../support/podFixtures.js';
import { allNodes, treeText } from '../tree/treeText.js';

const treeOf = (facts: Partial<PodFacts>): TreeNode[] => podTree({ status: podStatus(), failure: null, considered: null, ...facts });
const shown = (status: Partial<PodStatus>): string[] => treeText(treeOf({ status: podStatus(status) }));
const row = (nodes: readonly TreeNode[], id: string): TreeNode => {
  const found = allNodes(nodes).find((node) => node.id === id);
  assert.ok(found, `no row ${id}`);
  return found;
};

describe('the rows of the Pod view', () => {
  it('are none where there is nothing to list, so that the view can welcome', () => {
    assert.deepEqual(treeOf({}), []);
  });

  it('say that the engine is being started, and why it cannot be', () => {
    assert.deepEqual(treeText(treeOf({ status: null })), ['Starting the engine…']);
    const [only] = treeOf({ status: null, failure: { code: 'daemonUnavailable', reason: 'it ended at once' } });
    assert.match(only?.label ?? '', /could not be started: it ended at once/);
  });

  it('show what runs: layers and memory of each machine, its connection, and the speed', () => {
    const run = { state: 'running', path: '/models/large.gguf', parts: [localPart, remotePart], predicted: 12.9, measured: 12.1 } satisfies PodStatus['run'];
    assert.deepEqual(shown({ run, machines: [machine({ part: remotePart, traffic })] }).slice(0, 8), [
      'large · running',
      '  12.1 tokens/s · predicted 12.9',
      '  This machine · layers 0–11',
      '    Memory · 12.0 GB of 14.0 GB',
      '  studio · layers 12–60 and output',
      '    Memory · 52.0 GB of 200 GB',
      '    Connection · 260 kB/s, 21 ms',
      'Machines · 1',
    ]);
  });

  it('show how far the loading is', () => {
    const run = { state: 'starting', path: '/models/large.gguf', step: 'loading', progress: 0.427, parts: [remotePart] } satisfies PodStatus['run'];
    assert.deepEqual(shown({ run }).slice(0, 2), ['large · loading', '  42 % · loading']);
  });

  it('say who was lost while the rest takes over', () => {
    assert.equal(shown({ run: { state: 'recovering', path: '/models/large.gguf', lost: 'studio' } })[1], '  studio was lost; the rest takes over its layers');
  });

  it('say that the local model answers, why, and offer to plan again', () => {
    const tree = treeOf({ status: podStatus({ run: { state: 'fallback', path: '/models/large.gguf', failure: { code: 'podLost', machine: 'studio', reason: 'it is silent' } } }) });
    assert.match(treeText(tree).join('\n'), /The local chat model answers\n {2}studio left the pod \(it is silent\)/);
    assert.deepEqual(row(tree, 'run/again').command, ['seekpod.pod.runModel', '/models/large.gguf']);
  });

  it('show the digits of a pairing first, with its actions, and spell them for screen readers', () => {
    const [first] = treeOf({ status: podStatus({ pairings: [pairing()], machines: [stranger()] }) });
    assert.deepEqual([first?.label, first?.description, first?.context], ['012 345', 'also on mini?', 'pairing.compare']);
    assert.match(first?.spoken ?? '', /digits 0 1 2 3 4 5/);
  });

  it('put no question on a pairing that waits for the other side', () => {
    const [first] = treeOf({ status: podStatus({ pairings: [pairing({ state: 'waiting' })] }) });
    assert.deepEqual([first?.context, first?.description], ['pairing.waiting', 'waiting for mini']);
  });

  it('list machines that can take part first, with their memory and link', () => {
    assert.deepEqual(shown({ machines: [stranger(), machine({ fingerprint: 'c3'.repeat(32), name: 'attic', presence: 'away', devices: [], link: null, addresses: [] }), machine()] }).slice(0, 6), [
      'Machines · 3',
      '  studio · 200 GB to lend',
      '    Apple M3 Ultra · 240 GB of 256 GB free',
      '    Link · 0.34 ms, 1.1 GB/s',
      '  attic · away',
      '  mini · not paired',
    ]);
  });

  it('say what keeps a machine from taking part, and who uses it', () => {
    const different = treeOf({ status: podStatus({ machines: [machine({ problem: { code: 'differentBuild', machine: 'studio', ours: 'v0.4.0', theirs: 'v0.3.0' } })] }) });
    assert.match(row(different, `machine:${studio}/problem`).label, /another build \(v0\.3\.0\)/);
    assert.equal(row(different, `machine:${studio}`).icon, 'warning');
    const held = treeOf({ status: podStatus({ machines: [machine({ holder: 'laptop' })] }) });
    assert.equal(row(held, `machine:${studio}`).description, 'in use by laptop');
  });

  it('let machines be paired or unpaired by what they are, and one without a key by neither', () => {
    const tree = treeOf({ status: podStatus({ machines: [machine(), stranger(), stranger({ fingerprint: null, name: '10.0.0.9:47613' })] }) });
    assert.deepEqual(row(tree, 'machines').children.map(({ context }) => context), ['machine.paired', '', 'machine.unpaired']);
  });

  it('show this machine: its name, whether it is shared and with whom, and its devices', () => {
    const borrower = { fingerprint: studio, name: 'studio', usedBytes: 3e9 };
    assert.deepEqual(shown({ sharing: { state: 'on', port: 47_613, device: 'CPU', lendableBytes: 8e9, borrower } }), [
      'Machines · 0',
      '  No other machine has been seen yet',
      'This machine · in use by studio, 3.0 GB',
      '  Name · here',
      '  Sharing · in use by studio, 3.0 GB',
    ]);
  });

  it('say that a machine without a GPU lends nothing before its user consents to lend the processor, and lead there', () => {
    const sharing = { state: 'on', port: 47_613, device: '', lendableBytes: 0, borrower: null } satisfies PodStatus['sharing'];
    const tree = treeOf({ status: podStatus({ sharing }) });
    assert.deepEqual([row(tree, 'own').description, row(tree, 'own').tone], ['shared, nothing to lend', 'warning']);
    assert.deepEqual(row(tree, 'own/consent').command, ['workbench.action.openSettings', 'seekpod.pod.shareCpu']);
    assert.doesNotMatch(shown({ sharing, problem: { code: 'remoteLayersUnavailable', reason: 'libggml-rpc is missing' } }).join('\n'), /Lend the Processor/);
  });

  it('say why this machine cannot be shared, and why it can take no part', () => {
    const texts = shown({ sharing: { state: 'failed', failure: { code: 'podPortTaken', port: 47_613 } }, problem: { code: 'remoteLayersUnavailable', reason: 'libggml-rpc is missing' } }).join('\n');
    assert.match(texts, /Sharing · could not be shared\n {4}This machine cannot be shared: another program uses port 47613/);
    assert.match(texts, /This machine cannot use or lend layers: libggml-rpc is missing/);
  });

  it('have ids of their own, and words for screen readers', () => {
    const run = { state: 'running', path: '/models/large.gguf', parts: [localPart, remotePart], predicted: 12.9, measured: null } satisfies PodStatus['run'];
    const nodes = allNodes(treeOf({ status: podStatus({ run, machines: [machine({ part: remotePart, traffic }), stranger()], pairings: [pairing()] }), considered: { path: '/models/large.gguf', preview: preview() } }));
    assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length);
    assert.deepEqual(nodes.filter(({ spoken }) => spoken.trim() === ''), []);
  });

  it('make nothing of a name that looks like markdown', () => {
    const tree = treeOf({ status: podStatus({ machines: [machine({ name: '[x](command:evil) $(bug)' })] }) });
    assert.doesNotMatch(row(tree, `machine:${studio}`).tooltip, /\]\(|\$\(/);
  });
});

describe('the plan in the Pod view', () => {
  const planOf = (changes: Parameters<typeof preview>[0]): TreeNode[] => treeOf({ considered: { path: '/models/large.gguf', preview: preview(changes) } });

  it('says that it is being made', () => {
    assert.deepEqual(treeText(treeOf({ considered: { path: '/models/large.gguf', preview: null } })).slice(0, 2), ['Plan: large', '  Measuring and planning…']);
  });

  it('shows which layers go where, in how much memory, how fast it would be, and who is left out why', () => {
    const tree = planOf({});
    assert.deepEqual(treeText(tree.slice(0, 1)), [
      'Plan: large · 61 layers, 60.0 GB',
      '  Too large here, fits the pod',
      '  Load on the Pod',
      '  Here alone · 64.0 GB, 14.0 GB free',
      '  The pod · 12.9 tokens/s predicted',
      '    This machine · layers 0–11',
      '      Memory · 12.0 GB of 14.0 GB',
      '    studio · layers 12–60 and output',
      '      Memory · 52.0 GB of 200 GB',
      '  Left out · 1',
      '    mini · not paired: pair it first',
      '  Discard',
    ]);
    assert.equal(row(tree, 'plan').context, 'plan.loadable');
    assert.deepEqual(row(tree, 'plan/load').command, ['seekpod.pod.load']);
  });

  it('says when staying on this machine is faster', () => {
    const text = treeText(planOf({ advice: 'local', local: { fits: true, requiredBytes: 4e9, availableBytes: 14e9, tokensPerSecond: 31.5 } })).join('\n');
    assert.match(text, /Staying here is faster\n {2}Load on the Pod\n {2}Here alone · 31\.5 tokens\/s/);
  });

  it('says why there is none, and does not offer to load it', () => {
    const tree = planOf({ advice: 'none', pod: null, failure: { code: 'noPlacement', path: '/models/large.gguf', requiredBytes: 64e9, availableBytes: 20e9 }, leftOut: [] });
    assert.match(treeText(tree).join('\n'), /Too large, also for the pod\n.*\n {2}The model \/models\/large\.gguf needs 64\.0 GB/);
    assert.equal(row(tree, 'plan').context, 'plan');
    assert.ok(allNodes(tree).every(({ id }) => id !== 'plan/load'));
  });
});
