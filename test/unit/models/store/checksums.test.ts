import assert from 'node:assert/strict';
import { checksumOf } from '../../../../src/engine/models/store/checksums.js';
import { identified } from '../../../../src/engine/models/store/identify.js';
import { withKnown } from '../../../../src/engine/models/store/importModel.js';
import type { InstalledPart, InstalledRecord } from '../../../../src/engine/models/store/installedModels.js';
import { installedView } from '../../../../src/engine/models/store/installedView.js';
import { someRecord } from '../../../support/installedRecord.js';

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
const part = (published: string | null, actual: string | null): InstalledPart => ({ path: '/m/x.gguf', bytes: 10, published, actual });
const record = (...files: InstalledPart[]): InstalledRecord => ({ ...someRecord, files, checksum: checksumOf(files) });

describe('checksums of an installed model', () => {
  it('what nobody has hashed is unchecked, what nobody has published unconfirmed', () => {
    assert.equal(checksumOf([part(a, null)]), 'unchecked');
    assert.equal(checksumOf([part(null, a)]), 'unconfirmed');
  });

  it('all parts must match, and one that differs is enough', () => {
    assert.equal(checksumOf([part(a, a), part(b, b)]), 'matches');
    assert.equal(checksumOf([part(a, a), part(null, b)]), 'unconfirmed');
    assert.equal(checksumOf([part(a, a), part(b, null)]), 'unchecked');
    assert.equal(checksumOf([part(a, b), part(b, null)]), 'differs');
  });

  it('the user is warned of a model until it is verified', () => {
    assert.deepEqual(installedView(record(part(null, a)), false).traps, ['unverified']);
    assert.deepEqual(installedView(record(part(a, a)), false).traps, []);
    assert.deepEqual(installedView({ ...record(part(null, null)), origin: 'bundled' }, false).traps, []);
  });

  it('a file with the checksum of one of the catalogue is that one, whatever its name', () => {
    const sha256 = '1741e5b2d062b07acf048bf0d2c514dadf2a48f94e2b4aa0cfe069af3838ee2f';
    const known = identified(record(part(null, sha256)));
    assert.deepEqual(known.source, { kind: 'catalogue', model: 'r1-distill-qwen-1.5b', file: 'Q4_K_M' });
    assert.equal(known.checksum, 'matches');
    assert.deepEqual(known.roles, ['reasoning']);
    assert.equal(identified({ ...record(part(null, sha256)), quantization: 'Q4_K' }).quantization, 'Q4_K_M');
    assert.equal(identified({ ...record(part(null, sha256)), fim: true }).fim, false);
    assert.equal(identified(record(part(null, a))).source, null);
  });

  it('a model that is imported again keeps its checksums unless its length has changed', () => {
    const before: InstalledRecord = { ...record(part(a, a)), origin: 'downloaded' };
    const again = withKnown(record(part(null, null)), before);
    assert.equal(again.checksum, 'matches');
    assert.equal(again.origin, 'downloaded');
    assert.equal(withKnown(record({ ...part(null, null), bytes: 11 }), before).checksum, 'unchecked');
  });
});
