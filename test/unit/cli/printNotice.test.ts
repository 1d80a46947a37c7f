import assert from 'node:assert/strict';
import { printNotice } from '../../../src/cli/printNotice.js';
import type { EngineNotice } from '../../../src/engine/protocol/engineTypes.js';
import { noticeText } from '../../../src/engine/protocol/noticeText.js';

const notice: EngineNotice = { kind: 'memoryPressure', critical: false, availableBytes: 1e9, unloaded: ['R1'] };

describe('a notice on the terminal', () => {
  const printed = (isTTY: boolean): string => {
    let text = '';
    printNotice({ isTTY, write: (part) => (text += part) }, notice);
    return text;
  };

  it('takes the place of a line that shows progress', () => {
    assert.equal(printed(true), `\r\u001B[2K${noticeText(notice)}\n`);
  });

  it('has no escape codes elsewhere', () => {
    assert.equal(printed(false), `${noticeText(notice)}\n`);
  });
});
