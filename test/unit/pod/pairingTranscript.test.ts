import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { commitmentTo, pairingDigits } from '../../../src/engine/pod/core/pairing/pairingTranscript.js';

const sha256 = (data: Uint8Array): Uint8Array => createHash('sha256').update(data).digest();
const bytesFrom = (first: number): string => Buffer.from(Array.from({ length: 32 }, (_, index) => first + index)).toString('hex');
const fingerprints = { asking: '11'.repeat(32), asked: '22'.repeat(32) };
const nonces = { asking: bytesFrom(0), asked: bytesFrom(32) };

describe('the transcript of a pairing', () => {
  it('a commitment is SHA-256 over its purpose, both fingerprints and the nonce', () => {
    assert.equal(commitmentTo(sha256, fingerprints, nonces.asking), '950e3af7031df48e259c526b19d0f831e99cc9e1c2d45b378fd647af66a05e0d');
  });

  it('digits are the first 64 bits of SHA-256 over their purpose, fingerprints and nonces, modulo a million', () => {
    assert.equal(pairingDigits(sha256, fingerprints, nonces), '586460');
  });

  it('digits are six, with zeros in front', () => {
    const small = (): Uint8Array => Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 42, ...Array<number>(24).fill(255)]);
    assert.equal(pairingDigits(small, fingerprints, nonces), '000042');
  });

  it('digits are read from a hash that is a part of a larger buffer', () => {
    const inside = (data: Uint8Array): Uint8Array => Uint8Array.from([9, 9, 9, ...sha256(data)]).subarray(3);
    assert.equal(pairingDigits(inside, fingerprints, nonces), pairingDigits(sha256, fingerprints, nonces));
  });

  const other = 'ab'.repeat(32);
  it('every value changes the digits, and so does its place', () => {
    const all = [
      pairingDigits(sha256, fingerprints, nonces),
      pairingDigits(sha256, { ...fingerprints, asking: other }, nonces),
      pairingDigits(sha256, { ...fingerprints, asked: other }, nonces),
      pairingDigits(sha256, fingerprints, { ...nonces, asking: other }),
      pairingDigits(sha256, fingerprints, { ...nonces, asked: other }),
      pairingDigits(sha256, { asking: fingerprints.asked, asked: fingerprints.asking }, nonces),
      pairingDigits(sha256, fingerprints, { asking: nonces.asked, asked: nonces.asking }),
    ];
    assert.equal(new Set(all).size, all.length);
  });

  it('every value changes the commitment', () => {
    const all = [
      commitmentTo(sha256, fingerprints, nonces.asking),
      commitmentTo(sha256, { ...fingerprints, asking: other }, nonces.asking),
      commitmentTo(sha256, { ...fingerprints, asked: other }, nonces.asking),
      commitmentTo(sha256, fingerprints, other),
    ];
    assert.equal(new Set(all).size, all.length);
  });

  it('digits are spread evenly: of 20,000, each leading digit has its tenth', () => {
    const counts = Array<number>(10).fill(0);
    for (let index = 0; index < 20_000; index++) {
      const asking = index.toString(16).padStart(64, '0');
      const leading = Number(pairingDigits(sha256, fingerprints, { ...nonces, asking })[0]);
      counts[leading] = (counts[leading] ?? 0) + 1;
    }
    // Five standard deviations around 2,000.
    assert.ok(counts.every((count) => Math.abs(count - 2_000) < 5 * Math.sqrt(2_000 * 0.9)), counts.join(' '));
  });

  for (const value of ['', 'ab', 'AB'.repeat(32), 'zz'.repeat(32), `${'ab'.repeat(32)}00`]) {
    it(`a value that is not 32 bytes in hexadecimal is refused: "${value.slice(0, 8)}", ${value.length} characters`, () => {
      assert.throws(() => commitmentTo(sha256, fingerprints, value), TypeError);
      assert.throws(() => pairingDigits(sha256, { ...fingerprints, asked: value }, nonces), TypeError);
    });
  }
});
