import assert from 'node:assert/strict';
import { peExports } from '../../native/peExports.mjs';

/** A Windows library with nothing in it but the directory of its exports, at the places where Microsoft's format has them. */
function library(names: readonly string[]): Buffer {
  const file = Buffer.alloc(4_096);
  const [header, section, data, memory] = [0x80, 0x80 + 24 + 240, 0x400, 0x1000];
  file.writeUInt32LE(header, 0x3c);
  file.write('PE\0\0', header, 'latin1');
  file.writeUInt16LE(1, header + 6);
  file.writeUInt16LE(240, header + 20);
  file.writeUInt16LE(0x20b, header + 24);
  file.writeUInt32LE(names.length === 0 ? 0 : memory, header + 24 + 112);
  file.writeUInt32LE(0x800, section + 8);
  file.writeUInt32LE(memory, section + 12);
  file.writeUInt32LE(data, section + 20);
  file.writeUInt32LE(names.length, data + 24);
  file.writeUInt32LE(memory + 40, data + 32);
  let text = 40 + names.length * 4;
  for (const [index, name] of names.entries()) {
    file.writeUInt32LE(memory + text, data + 40 + index * 4);
    text += file.write(`${name}\0`, data + text, 'latin1');
  }
  return file;
}

describe('exports of a Windows library', () => {
  it('are read in their order', () => {
    assert.deepEqual(peExports(library(['ggml_add', 'ggml_backend_init'])), ['ggml_add', 'ggml_backend_init']);
  });

  it('may be none', () => {
    assert.deepEqual(peExports(library([])), []);
  });

  it('are not looked for in other files', () => {
    assert.throws(() => peExports(Buffer.alloc(4_096)), /not a 64-bit Windows library/);
    const cut = library(['ggml_add']);
    cut.writeUInt32LE(0x9000, 0x80 + 24 + 112);
    assert.throws(() => peExports(cut), /no section holds 9000/);
  });
});
