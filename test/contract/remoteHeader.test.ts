import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { failureOf } from '../../src/engine/base/errors.js';
import { readRemoteHeader } from '../../src/engine/models/fetch/remoteHeader.js';
import { readGgufHeader } from '../../src/engine/models/gguf/ggufHeader.js';
import { isFailure } from '../support/failures.js';
import { ggufBytes } from '../support/ggufFixture.js';
import { checkLeaks } from '../support/leaks.js';
import { until } from '../support/testClient.js';
import { calfFile } from '../support/workerProcess.js';
import { HubUser } from '../support/useHub.js';

const signal = new AbortController().signal;

describe('the header of a file elsewhere', () => {
  const home = checkLeaks();
  /** A vocabulary of 3 MB, and weights of which nothing is there: so that reading them would not go unnoticed. */
  const header = ggufBytes({ 'general.architecture': 'llama', 'tokenizer.ggml.tokens': { strings: Array.from({ length: 100_000 }, (_, index) => `token number ${index}`) }, 'llama.block_count': 2 });

  it('is the one that reading the file gives', async () => {
    const bytes = await fs.readFile(calfFile);
    const user = await HubUser.open(home, bytes);
    const expected = await readGgufHeader(async (offset, length) => bytes.subarray(offset, offset + length), bytes.length);
    assert.deepEqual(await readRemoteHeader(await user.source(), signal), expected);
  });

  it('takes one request, and ends it', async () => {
    const user = await HubUser.open(home, Buffer.concat([header, Buffer.alloc(50_000_000)]));
    const { metadata } = await readRemoteHeader(await user.source(), signal);
    assert.equal(metadata.get('llama.block_count'), 2);
    assert.equal(user.hub.reads.length, 2);
    await until(() => user.hub.answering === 0);
  });

  it('goes on after connections that ended', async () => {
    const user = await HubUser.open(home, header);
    const source = await user.source();
    const ends = [1_000, 1_000_000, 2_000_000];
    user.hub.fault = () => {
      const at = ends.shift();
      return at === undefined ? null : { kind: 'drop', at };
    };
    assert.equal((await readRemoteHeader(source, signal)).metadata.get('llama.block_count'), 2);
    assert.deepEqual(user.hub.reads.slice(1).map(({ range }) => range?.first), [0, 1_000, 1_000_000, 2_000_000]);
  });

  it('comes from a server without ranges too, also after a connection that ended', async () => {
    const user = await HubUser.open(home, header);
    user.hub.fault = ({ at }) => (at === 'storage' ? { kind: 'noRanges' } : null);
    const source = await user.source();
    let drops = 1;
    user.hub.fault = () => (drops-- > 0 ? { kind: 'drop', at: 1_500_000 } : { kind: 'noRanges' });
    assert.equal((await readRemoteHeader(source, signal)).metadata.get('llama.block_count'), 2);
  });

  it('that no connection gives is downloadBroken', async () => {
    const user = await HubUser.open(home, header);
    const source = await user.source();
    user.hub.fault = () => ({ kind: 'drop', at: 1_000 });
    await assert.rejects(readRemoteHeader(source, signal), isFailure('downloadBroken'));
  });

  it('of a server that does not say the length is downloadBroken', async () => {
    const user = await HubUser.open(home, header);
    user.hub.fault = ({ at }) => (at === 'storage' ? { kind: 'noLength' } : null);
    await assert.rejects(readRemoteHeader(await user.source(), signal), isFailure('downloadBroken'));
  });

  it('that is none is notGguf, and of the name that was given', async () => {
    const user = await HubUser.open(home, Buffer.from('<html>Sign in to the network of this hotel</html>'));
    await assert.rejects(readRemoteHeader(await user.source(), signal, 'model.gguf'), (error) => {
      assert.deepEqual(failureOf(error), { code: 'notGguf', path: 'model.gguf' });
      return true;
    });
  });

  it('of a file that is shorter than it says is modelTruncated', async () => {
    const tensor = { name: 'output.weight', dimensions: [256, 4], type: 0, offset: 0 };
    const user = await HubUser.open(home, ggufBytes({ 'general.architecture': 'llama' }, [tensor]));
    await assert.rejects(readRemoteHeader(await user.source(), signal), isFailure('modelTruncated'));
  });

  it('without an end is given up after 64 MB', async () => {
    const count = Buffer.alloc(8);
    count.writeBigUInt64LE(16_000_000n);
    // An array of texts that goes on and on.
    const start = ggufBytes({ 'general.architecture': 'llama', words: { strings: ['a'] } });
    const at = start.lastIndexOf(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x61]));
    count.copy(start, at);
    const text = Buffer.concat([Buffer.from([0x60, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(0x60, 'x')]);
    const user = await HubUser.open(home, Buffer.concat([start.subarray(0, at + 8), Buffer.alloc(80_000_000, text)]));
    await assert.rejects(readRemoteHeader(await user.source(), signal), isFailure('downloadBroken'));
  });

  it('is not read any more when it is cancelled', async () => {
    const user = await HubUser.open(home, header);
    const source = await user.source();
    user.hub.fault = () => ({ kind: 'stall', at: 1_000 });
    const cancelling = new AbortController();
    const reading = readRemoteHeader(source, cancelling.signal);
    await until(() => user.hub.reads.length === 2);
    cancelling.abort();
    await assert.rejects(reading, isFailure('cancelled'));
    await until(() => user.hub.answering === 0);
  });
});
