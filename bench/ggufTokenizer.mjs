// Takes the tokenizer out of a GGUF file, byte for byte, so that another model can be written with it.
import fs from 'node:fs';

/** Bytes of the fixed-size value types of GGUF, by their number; 8 is a string and 9 an array. */
const valueBytes = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8];

/** `fields` are whole key-value entries; `vocabulary` is the number of tokens. */
export function readTokenizer(file) {
  const bytes = fs.readFileSync(file);
  if (bytes.toString('latin1', 0, 4) !== 'GGUF') throw new Error(`${file} is not a GGUF file`);
  let at = 16;
  const uint64 = () => {
    const value = Number(bytes.readBigUInt64LE(at));
    at += 8;
    return value;
  };
  const uint32 = () => {
    const value = bytes.readUInt32LE(at);
    at += 4;
    return value;
  };
  const string = () => {
    const length = uint64();
    at += length;
    return bytes.toString('utf8', at - length, at);
  };
  const skip = (type) => {
    if (type === 8) string();
    else if (type === 9) {
      const element = uint32();
      const count = uint64();
      for (let index = 0; index < count; index++) skip(element);
      return count;
    } else at += valueBytes[type];
    return 1;
  };
  const fields = [];
  let vocabulary = 0;
  const count = uint64();
  for (let index = 0; index < count; index++) {
    const start = at;
    const key = string();
    const elements = skip(uint32());
    if (key.startsWith('tokenizer.')) fields.push(bytes.subarray(start, at));
    if (key === 'tokenizer.ggml.tokens') vocabulary = elements;
  }
  return { fields, vocabulary };
}
