import assert from 'node:assert/strict';
import type { Download, ModelsStatus } from '../../../../src/engine/protocol/modelTypes.js';
import { outcomeOf, type WantedDownload } from '../../../../src/host/models/wantedDownloads.js';
import { someDownload, someFile, someInstalled, someModels } from '../../../support/modelExamples.js';

const wanted: WantedDownload = { id: someDownload.id, name: 'Coder', source: someFile.source, role: 'completion', fitsHere: true, listed: true };
const outcome = (status: Partial<ModelsStatus>, changes: Partial<WantedDownload> = {}): string => outcomeOf({ ...wanted, ...changes }, { ...someModels, installed: [], ...status }).kind;

describe('what becomes of a download that a window asked for', () => {
  it('is on its way while it is in the list', () => assert.equal(outcome({ downloads: [someDownload] }), 'running'));

  it('has failed when the list says so', () => {
    assert.equal(outcome({ downloads: [{ ...someDownload, status: { state: 'failed', failure: { code: 'diskFull', path: '/models' } } }] }), 'failed');
  });

  it('has failed for the time being when it is tried again by itself', () => {
    const failure = { code: 'serverUnreachable', host: 'hub.example', reason: 'ENETUNREACH' } as const;
    const again = (status: Download['status']): boolean => {
      const end = outcomeOf(wanted, { ...someModels, installed: [], downloads: [{ ...someDownload, status }] });
      return end.kind === 'failed' && end.again;
    };
    assert.equal(again({ state: 'failed', failure, againAt: 1_767_225_600_000 }), true);
    assert.equal(again({ state: 'failed', failure }), false);
  });

  it('is installed when a model comes from the same place, in whatever order that is written', () => {
    const source = { file: 'Q4_K_M', model: 'coder-1.3b-base', kind: 'catalogue' as const };
    assert.equal(outcome({ installed: [{ ...someInstalled, source }] }), 'installed');
  });

  it('is gone, and not installed, when it was cancelled and the file of an earlier one is not there', () => {
    assert.equal(outcome({ installed: [{ ...someInstalled, source: someFile.source, missing: true }] }), 'gone');
  });

  it('is gone when neither list has it any longer', () => assert.equal(outcome({}), 'gone'));

  it('is waited for when no status has listed it yet', () => assert.equal(outcome({}, { listed: false }), 'waiting'));
});
