import assert from 'node:assert/strict';
import { findMachine } from '../../../src/cli/machineName.js';
import { runChanges, sharingChanges } from '../../../src/cli/podChanges.js';
import { findingsText, planText, statusText } from '../../../src/cli/podReport.js';
import { table } from '../../../src/cli/table.js';
import type { PlanPreview, Sharing } from '../../../src/engine/protocol/podTypes.js';
import { machine, podStatus, studioKey } from './podStatusFixture.js';

const parts = [
  { machine: null, name: 'laptop', layers: { first: 0, last: 8, output: false }, bytes: 6e9, usableBytes: 8e9 },
  { machine: studioKey, name: 'studio', layers: { first: 9, last: 26, output: true }, bytes: 11e9, usableBytes: 32e9 },
];
const preview: PlanPreview = {
  model: { path: '/models/big.gguf', name: 'Big', layers: 27, bytes: 16.7e9, contextSize: 8_192 },
  local: { fits: false, requiredBytes: 17e9, availableBytes: 8e9, tokensPerSecond: null },
  pod: { parts, tokensPerSecond: 9.87 },
  failure: null,
  advice: 'pod',
  leftOut: [{ machine: 'ef'.repeat(32), name: 'mini', reason: 'slower', holder: null }],
};

describe('the pod in a terminal', () => {
  it('columns stand under each other and lines end without spaces', () => {
    assert.equal(table([['a', 'bb', ''], ['ccc', 'd', 'e']]), 'a    bb\nccc  d   e\n');
    assert.equal(table([]), '');
  });

  it('a plan names the layers, memory and rates, and who is left out and why', () => {
    assert.equal(
      planText(preview),
      [
        'Big: 27 layers, 16.7 GB, context of 8192 tokens',
        '',
        'This machine alone  needs 17.0 GB, 8.0 GB can be used',
        'The pod             9.9 tokens/s',
        '',
        'laptop (this machine)  layers 0–8              6.0 GB of 8.0 GB',
        'studio                 layers 9–26 and output  11.0 GB of 32.0 GB',
        '',
        'Left out: mini: not needed: faster without it',
        '',
        'It does not fit on this machine; the pod can hold it.',
        '',
      ].join('\n'),
    );
  });

  it('a status without other machines says so', () => {
    const text = statusText(podStatus());
    assert.match(text, /This machine: laptop cdcdcdcdcdcd/);
    assert.match(text, /Lent: nothing/);
    assert.match(text, /No other machine is known/);
  });

  it('a status names machines, their links, their problems and the parts of the model', () => {
    const link = { address: { host: '10.0.0.2', port: 1 }, roundTrip: 0.000_42, throughput: 1.2e9 };
    const problem = { code: 'differentBuild', machine: 'old', ours: 'b1', theirs: 'b2' } as const;
    const text = statusText(
      podStatus({
        machines: [machine({ link }), machine({ name: 'old', presence: 'away', problem })],
        run: { state: 'running', path: '/models/big.gguf', parts, predicted: 9.87, measured: 9.5 },
      }),
    );
    assert.match(text, /studio +abababababab +lends 32\.0 GB +0\.42 ms, 1\.2 GB\/s/);
    assert.match(text, /old has another build/);
    assert.match(text, /9\.5 tokens\/s, 9\.9 tokens\/s expected/);
    assert.match(text, /studio +layers 9–26 and output/);
  });

  it('findings are marked by how bad they are', () => {
    const text = findingsText([
      { check: 'library', verdict: 'good', machine: null, detail: '6.0.0' },
      { check: 'multicast', verdict: 'bad', machine: null, detail: 'no answer on eth0' },
    ]);
    assert.match(text, /^✓ .*6\.0\.0/);
    assert.match(text, /\n✗ .*no answer on eth0\n {2}Connect/);
  });
});

describe('news about the pod', () => {
  const on: Sharing = { state: 'on', port: 4_343, device: 'CPU', lendableBytes: 8e9, borrower: null };
  const borrower = (usedBytes: number): Sharing => ({ ...on, borrower: { fingerprint: studioKey, name: 'studio', usedBytes } });
  const between = (before: Sharing, after: Sharing): string[] => sharingChanges(podStatus({ sharing: before }), podStatus({ sharing: after }));

  it('says what is lent when sharing begins, and not again while free memory changes', () => {
    assert.match(sharingChanges(null, podStatus({ sharing: on })).join('\n'), /CPU, up to 8\.0 GB, on port 4343/);
    assert.deepEqual(between(on, { ...on, lendableBytes: 7e9 }), []);
  });

  it('says why a machine has nothing to lend, and what would change that', () => {
    const bare: Sharing = { ...on, device: '', lendableBytes: 0 };
    assert.match(between({ state: 'off' }, bare).join(), /on port 4343, with nothing to lend.*no GPU.*add --cpu/);
    assert.match(statusText(podStatus({ sharing: bare })), /Lent: nothing, on port 4343: it has no GPU/);
    const noLibrary = podStatus({ sharing: bare, problem: { code: 'remoteLayersUnavailable', reason: 'libggml-rpc is missing' } });
    assert.match(sharingChanges(null, noLibrary).join(), /nothing to lend.*libggml-rpc is missing/);
  });

  it('says who uses the machine, how much, and when that is over', () => {
    assert.match(between(on, borrower(0)).join(), /studio uses this machine: 0 B/);
    assert.match(between(borrower(0), borrower(3e9)).join(), /studio uses this machine: 3\.0 GB/);
    assert.deepEqual(between(borrower(3e9), borrower(3.000_1e9)), []);
    assert.match(between(borrower(3e9), on).join(), /studio no longer uses/);
  });

  it('says which machine has been paired', () => {
    const lines = sharingChanges(podStatus({ machines: [machine({ paired: false })] }), podStatus({ machines: [machine()] }));
    assert.deepEqual(lines, ['Paired with studio.']);
  });

  it('says why sharing does not work', () => {
    assert.match(between({ state: 'off' }, { state: 'failed', failure: { code: 'podPortTaken', port: 4_343 } }).join(), /port 4343/);
  });

  it('says that a machine was lost and what answers now', () => {
    const recovering = { state: 'recovering', path: '/models/big.gguf', lost: 'studio' } as const;
    assert.match(runChanges({ state: 'running', path: '/models/big.gguf', parts, predicted: 1, measured: null }, recovering).join(), /studio left/);
    const failure = { code: 'podLost', machine: 'studio', reason: 'no answer' } as const;
    assert.match(runChanges(recovering, { state: 'fallback', path: '/models/big.gguf', failure }).join(), /The local model answers/);
  });
});

describe('a word for a machine', () => {
  const twin = machine({ fingerprint: 'abff'.repeat(16), name: 'Studio' });

  it('is a name in any case, a fingerprint, or the start of one', () => {
    for (const word of ['STUDIO', studioKey, studioKey.slice(0, 8)]) assert.equal(findMachine([machine()], word).kind, 'one');
  });

  it('a name that two machines have means neither; their fingerprints do', () => {
    assert.equal(findMachine([machine(), twin], 'studio').kind, 'several');
    assert.deepEqual(findMachine([machine(), twin], 'abffabff'), { kind: 'one', machine: twin });
  });

  it('a machine that takes the start of a fingerprint as its name does not stand in for it', () => {
    const named = machine({ fingerprint: '12'.repeat(32), name: studioKey.slice(0, 12) });
    assert.deepEqual(findMachine([named, machine()], studioKey.slice(0, 12)), { kind: 'one', machine: machine() });
  });
});
