import assert from 'node:assert/strict';
import { basisText, checksumText, originText, parametersText, quirkText, roleText, sizeText, trapLabel, trapText, verdictText } from '../../../src/engine/protocol/modelText.js';
import { fitSchema, installedModelSchema, modelRoleSchema, templateQuirkSchema, trapSchema } from '../../../src/engine/protocol/modelTypes.js';

describe('the words of models', () => {
  it('are different for everything that differs', () => {
    const texts: readonly (readonly string[])[] = [
      modelRoleSchema.options.map(roleText),
      trapSchema.options.map(trapLabel),
      trapSchema.options.map(trapText),
      templateQuirkSchema.options.map(quirkText),
      fitSchema.entries.verdict.options.map(verdictText),
      fitSchema.entries.basis.options.map(basisText),
      installedModelSchema.entries.checksum.options.map(checksumText),
      installedModelSchema.entries.origin.options.map(originText),
    ];
    for (const words of texts) assert.ok(new Set(words).size === words.length && words.every((word) => word !== ''), words.join());
  });

  it('say of every trap what to do about it', () => {
    for (const trap of trapSchema.options) assert.match(trapText(trap), /\. Take /, trap);
  });

  it('give sizes in GB and GiB, since hubs count in one and machines have the other', () => {
    assert.equal(sizeText(4_683_073_504), '4.7 GB (4.4 GiB)');
    assert.equal(sizeText(140_200_000_000), '140 GB (131 GiB)');
    assert.equal(sizeText(13_000_000), '13.0 MB');
    assert.equal(sizeText(0), 'size unknown');
  });

  it('give parameters as models are named by them', () => {
    assert.equal(parametersText({ total: 6.74e9, active: 6.74e9 }), '6.7B');
    assert.equal(parametersText({ total: 671e9, active: 37e9 }), '671B (37.0B active)');
    assert.equal(parametersText({ total: 7e6, active: 0 }), '7M');
    assert.equal(parametersText({ total: 1.6e12, active: 49e9 }), '1.6T (49.0B active)');
    assert.equal(parametersText({ total: 0, active: 0 }), 'parameters unknown');
  });
});
