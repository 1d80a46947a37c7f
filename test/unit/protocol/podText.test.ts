import assert from 'node:assert/strict';
import { doctorText } from '../../../src/engine/protocol/doctorText.js';
import { addressText, parseAddress } from '../../../src/engine/protocol/parseAddress.js';
import { doctorCheckSchema, type LayerRange, leftOutReasonSchema } from '../../../src/engine/protocol/podTypes.js';
import { byteRateText, digitGroups, latencyText, layersText, leftOutText, tokenRateText } from '../../../src/engine/protocol/podText.js';

describe('the words of the pod', () => {
  it('show six digits in two groups of three', () => {
    assert.equal(digitGroups('012345'), '012 345');
  });

  const ranges: [LayerRange, string][] = [
    [{ first: 0, last: 11, output: false }, 'layers 0–11'],
    [{ first: 12, last: 25, output: true }, 'layers 12–25 and output'],
    [{ first: 4, last: 4, output: false }, 'layer 4'],
    [{ first: 0, last: -1, output: true }, 'output layer'],
    [{ first: 0, last: -1, output: false }, 'no layers'],
  ];
  for (const [range, text] of ranges) {
    it(`name ${text}`, () => assert.equal(layersText(range), text));
  }

  it('give rates as many digits as mean something', () => {
    assert.deepEqual([0.51, 12.34, 123.4].map(tokenRateText), ['0.5 tokens/s', '12.3 tokens/s', '123 tokens/s']);
    assert.deepEqual([0, 11_240_000].map(byteRateText), ['0 B/s', '11.2 MB/s']);
    assert.deepEqual([0.000_34, 0.004_2, 0.012, 1.25].map(latencyText), ['0.34 ms', '4.2 ms', '12 ms', '1.3 s']);
  });

  it('give every reason to leave a machine out its own text', () => {
    const texts = leftOutReasonSchema.options.map((reason) => leftOutText(reason, 'studio'));
    assert.equal(new Set(texts).size, leftOutReasonSchema.options.length);
    assert.equal(leftOutText('held', 'studio'), 'in use by studio');
  });

  it('say what to do about everything that the doctor finds bad', () => {
    const advice = doctorCheckSchema.options.map((check) => doctorText({ check, verdict: 'bad', machine: null, detail: 'fact' }).advice);
    assert.equal(new Set(advice).size, doctorCheckSchema.options.length);
    assert.ok(advice.every((text) => text !== null && text.length > 20));
  });

  it('advise nothing where all is well, and say of whom', () => {
    const { what, advice } = doctorText({ check: 'clock', verdict: 'good', machine: 'mini', detail: '0.2' });
    assert.match(what, /clock of mini agrees/);
    assert.equal(advice, null);
  });
});

describe('an address that the user types', () => {
  const good: [string, { host: string; port: number }][] = [
    ['mini.local', { host: 'mini.local', port: 47_613 }],
    [' 10.0.0.7:5000 ', { host: '10.0.0.7', port: 5_000 }],
    ['[fe80::1%en0]:47613', { host: 'fe80::1%en0', port: 47_613 }],
    ['fe80::1', { host: 'fe80::1', port: 47_613 }],
    ['[::1]', { host: '::1', port: 47_613 }],
  ];
  for (const [text, address] of good) {
    it(`is read from ${JSON.stringify(text)}, and written so that it can be read again`, () => {
      assert.deepEqual(parseAddress(text), address);
      assert.deepEqual(parseAddress(addressText(address)), address);
    });
  }

  for (const text of ['', 'mini:', 'mini:0', 'mini:65536', 'mini:http', 'http://mini', 'a b', '[::1', 'mini/3', 'a:b:c', '1::2::3', 'fe80:', `${'a'.repeat(254)}`]) {
    it(`is refused in ${JSON.stringify(text.slice(0, 20))}`, () => assert.equal(parseAddress(text), null));
  }
});
