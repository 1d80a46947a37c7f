import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EngineError } from '../../../src/engine/base/errors.js';
import { fingerprintOf, makeCertificate } from '../../../src/engine/pod/net/identity/certificate.js';
import { loadIdentity } from '../../../src/engine/pod/net/identity/identity.js';
import { isFailure } from '../../support/failures.js';

describe('loadIdentity', () => {
  let home: string;
  let directory: string;
  let file: string;

  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-identity-'));
    directory = path.join(home, 'pod');
    file = path.join(directory, 'identity.json');
  });
  afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

  it('makes a key once, and finds it again', async () => {
    const made = await loadIdentity(directory);
    assert.match(made.fingerprint, /^[0-9a-f]{64}$/);
    assert.deepEqual(await loadIdentity(directory), made);
  });

  it('two machines have two keys', async () => {
    const [one, two] = await Promise.all([loadIdentity(directory), loadIdentity(path.join(home, 'other'))]);
    assert.notEqual(one.fingerprint, two.fingerprint);
  });

  it('the key is ECDSA on P-256, and the certificate names nobody and does not end', async () => {
    const certificate = new X509Certificate((await loadIdentity(directory)).certificate);
    assert.equal(certificate.publicKey.asymmetricKeyType, 'ec');
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    assert.ok(certificate.verify(certificate.publicKey));
    assert.equal(certificate.subject, 'CN=seekpod');
    assert.equal(new Date(certificate.validTo).getUTCFullYear(), 9_999);
  });

  it('the fingerprint is SHA-256 of the public key, so another certificate of the same key has the same one', async () => {
    const { fingerprint, certificate } = await loadIdentity(directory);
    const { raw, publicKey } = new X509Certificate(certificate);
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    assert.equal(fingerprint, createHash('sha256').update(spki).digest('hex'));
    assert.equal(fingerprintOf(raw), fingerprint);
    assert.notEqual(fingerprint, createHash('sha256').update(raw).digest('hex'));
  });

  it('processes that make it at the same time all have the one that stays', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => loadIdentity(directory)));
    assert.equal(new Set(all.map(({ fingerprint }) => fingerprint)).size, 1);
    assert.deepEqual(fs.readdirSync(directory), ['identity.json']);
  });

  if (process.platform !== 'win32') {
    it('only the user can read it', async () => {
      await loadIdentity(directory);
      assert.equal(fs.statSync(file).mode & 0o777, 0o600);
      assert.equal(fs.statSync(directory).mode & 0o777, 0o700);
    });

    for (const mode of [0o640, 0o604, 0o620]) {
      it(`one that others may open (${mode.toString(8)}) is identityUnusable and stays as it is`, async () => {
        await loadIdentity(directory);
        fs.chmodSync(file, mode);
        await assert.rejects(loadIdentity(directory), isFailure('identityUnusable'));
        assert.equal(fs.statSync(file).mode & 0o777, mode);
      });
    }
  }

  const damaged: readonly (readonly [string, (kept: { privateKey: string; certificate: string }, other: { privateKey: string; certificate: string }) => string])[] = [
    ['that is empty', () => ''],
    ['that is cut off', (kept) => JSON.stringify({ version: 1, ...kept }).slice(0, 200)],
    ['without a key', ({ certificate }) => JSON.stringify({ version: 1, certificate })],
    ['of an unknown version', (kept) => JSON.stringify({ version: 2, ...kept })],
    ['with a key that is none', ({ certificate }) => JSON.stringify({ version: 1, certificate, privateKey: 'key' })],
    ['with a certificate that is none', ({ privateKey }) => JSON.stringify({ version: 1, privateKey, certificate: 'certificate' })],
    ['with the certificate of another key', ({ privateKey }, { certificate }) => JSON.stringify({ version: 1, privateKey, certificate })],
  ];
  for (const [name, text] of damaged) {
    it(`a file ${name} is identityUnusable, says which, stays, and is not quoted`, async () => {
      const kept = await loadIdentity(directory);
      const content = text(kept, await makeCertificate());
      fs.writeFileSync(file, content);
      await assert.rejects(loadIdentity(directory), (error) => {
        assert.ok(EngineError.is(error, 'identityUnusable'));
        assert.ok(error.failure.code === 'identityUnusable' && error.failure.path === file);
        assert.ok(!error.message.includes('BEGIN'));
        return true;
      });
      assert.equal(fs.readFileSync(file, 'utf8'), content);
    });
  }

  it('a file that is far too large is fileUnreadable', async () => {
    fs.mkdirSync(directory);
    fs.writeFileSync(file, 'x'.repeat(100_000), { mode: 0o600 });
    await assert.rejects(loadIdentity(directory), isFailure('fileUnreadable'));
  });

  it('a place that cannot be written is storageFailed', async () => {
    // A link to nothing: there is no file to read, and none can be made.
    fs.symlinkSync(path.join(home, 'nowhere', 'pod'), directory);
    await assert.rejects(loadIdentity(directory), isFailure('storageFailed'));
  });
});
