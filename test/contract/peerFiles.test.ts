import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type Clock, systemClock } from '../../src/engine/base/clock.js';
import { encodeAnswer, encodeRequest, type FileRequest } from '../../src/engine/pod/core/files/fileWire.js';
import { askForFile, silenceLimitMs } from '../../src/engine/pod/net/files/askForFile.js';
import { FileLender, fileLimits, requestLimitMs, type SharedFile, stallLimitMs } from '../../src/engine/pod/net/files/fileLender.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import { isFailure } from '../support/failures.js';
import { checkLeaks } from '../support/leaks.js';
import { cutMs } from '../support/limits.js';
import { ManualClock } from '../support/manualClock.js';
import { makeNamedPipe } from '../support/namedPipe.js';
import { closedWithin, ListeningPeer, newIdentity, untilClosed } from '../support/peers.js';

/** More than the buffers of both ends hold. */
const content = randomBytes(16 * 1_024 * 1_024);
const sha256 = createHash('sha256').update(content).digest('hex');
const whole: FileRequest = { sha256, offset: 0, length: content.length };

describe('files between machines', () => {
  const home = checkLeaks();
  let here: Identity;
  let there: Identity;
  let peer: ListeningPeer;
  let clock: ManualClock;
  let file: SharedFile;
  let allowed: boolean;
  let lender: FileLender;

  before(async () => {
    [here, there] = await Promise.all([newIdentity(), newIdentity()]);
  });
  beforeEach(async () => {
    clock = new ManualClock();
    allowed = true;
    file = { path: path.join(home.runtimeDirectory, 'model.gguf'), bytes: content.length };
    fs.writeFileSync(file.path, content);
    peer = await ListeningPeer.open(home, there);
    peer.trusted.add(here.fingerprint);
    lender = new FileLender({ files: (hash) => (hash === sha256 ? file : null), allows: () => allowed, clock, log: peer.log });
    home.atEnd(() => lender.dispose());
    peer.onConnection = (connection) => lender.accept(connection);
  });

  interface Asking {
    readonly clock?: Clock;
    readonly signal?: AbortSignal;
  }
  const ask = async (request: FileRequest, { clock = systemClock, signal = new AbortController().signal }: Asking = {}) => {
    const { socket } = await peer.dial(home, here, 'file');
    const { fileBytes, content } = await askForFile(socket, request, { machine: 'mini', bytes: null, clock, signal });
    const read = async (): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    return { socket, fileBytes, content, read };
  };

  describe('a paired machine', () => {
    for (const [what, offset, length] of [
      ['the whole file', 0, content.length],
      ['a part of it', 1_000_003, 4_000_001],
      ['what is there up to its end when more is asked for', content.length - 10, 100],
    ] as const) {
      it(`gets ${what}`, async () => {
        const { fileBytes, read, socket } = await ask({ sha256, offset, length });
        assert.equal(fileBytes, content.length);
        assert.ok((await read()).equals(content.subarray(offset, offset + length)));
        await closedWithin(socket, cutMs);
      });
    }

    it('learns whether a file is there, and its size, by asking for nothing of it', async () => {
      const { fileBytes, read } = await ask({ sha256, offset: 0, length: 0 });
      assert.equal(fileBytes, content.length);
      assert.equal((await read()).length, 0);
    });

    it('gets several parts at once', async () => {
      const quarter = content.length / 4;
      const parts = await Promise.all([0, 1, 2, 3].map(async (part) => (await ask({ sha256, offset: part * quarter, length: quarter })).read()));
      assert.ok(Buffer.concat(parts).equals(content));
    });
  });

  describe('is refused', () => {
    it('a machine that is not paired, before it can ask', async () => {
      peer.trusted.clear();
      await assert.rejects(ask(whole), isFailure('notPaired'));
    });

    it('a file that is not on the list', async () => {
      await assert.rejects(ask({ ...whole, sha256: '0'.repeat(64) }), { failure: { code: 'fileRefused', machine: 'mini', reason: 'unknownFile' } });
    });

    it('a machine that may not use this one', async () => {
      allowed = false;
      await assert.rejects(ask(whole), { failure: { code: 'fileRefused', machine: 'mini', reason: 'notAllowed' } });
    });

    for (const [what, spoil] of [
      ['is gone', () => fs.rmSync(file.path)],
      ['has another size than the list says', () => fs.appendFileSync(file.path, '!')],
      ['is a directory', () => (fs.rmSync(file.path), fs.mkdirSync(file.path))],
      ['is a pipe', () => (fs.rmSync(file.path), makeNamedPipe(home, file.path))],
    ] as const) {
      it(`a file that ${what}`, async () => {
        spoil();
        await assert.rejects(ask(whole), { failure: { code: 'fileRefused', machine: 'mini', reason: 'unreadable' } });
      });
    }

    it('a connection more than a machine may have; those that are open go on, and another machine is served', async () => {
      const open = await Promise.all(Array.from({ length: fileLimits.perMachine }, () => ask(whole)));
      await assert.rejects(ask(whole), { failure: { code: 'fileRefused', machine: 'mini', reason: 'busy' } });
      const other = await newIdentity();
      peer.trusted.add(other.fingerprint);
      const { socket } = await peer.dial(home, other, 'file');
      assert.equal((await askForFile(socket, { ...whole, length: 0 }, { machine: 'mini', bytes: null, clock: systemClock, signal: new AbortController().signal })).fileBytes, content.length);
      for (const { read } of open) assert.ok((await read()).equals(content));
      assert.equal((await ask(whole)).fileBytes, content.length);
    });
  });

  it('whatever a paired machine writes, it gets a refusal or nothing, and the next request is served', async () => {
    for (let count = 0; count < 100; count += 2) {
      const { socket } = await peer.dial(home, here, 'file');
      const bytes = randomBytes(count);
      const received: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => received.push(chunk)).on('error', () => undefined);
      socket.end(bytes);
      await untilClosed(socket);
      const answer = Buffer.concat(received);
      assert.ok(answer.length === 0 || answer.equals(encodeAnswer({ kind: 'refused', reason: 'unknownFile' })), answer.toString('hex'));
    }
    assert.equal((await ask(whole)).fileBytes, content.length);
  });

  it('what follows a request is not read as another one', async () => {
    const { socket } = await peer.dial(home, here, 'file');
    const once = encodeRequest({ sha256, offset: 0, length: 10 });
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.write(Buffer.concat([once, once]));
    await untilClosed(socket);
    assert.ok(Buffer.concat(received).equals(Buffer.concat([encodeAnswer({ kind: 'given', fileBytes: content.length }), content.subarray(0, 10)])));
  });

  describe('the lender ends a connection', () => {
    it('on which no whole request comes', async () => {
      const { socket } = await peer.dial(home, here, 'file');
      socket.resume().write(encodeRequest(whole).subarray(0, 47));
      while (clock.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.advance(requestLimitMs);
      await closedWithin(socket, cutMs);
    });

    it('whose other end does not take what it asked for', async () => {
      const { socket } = await peer.dial(home, here, 'file');
      socket.write(encodeRequest(whole));
      // The file is larger than the buffers: the lender waits for room.
      while (clock.waiting === 0 || socket.readableLength === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 200));
      await clock.advance(stallLimitMs);
      let received = 0;
      socket.on('data', (chunk) => (received += chunk.length));
      await closedWithin(socket, cutMs);
      assert.ok(received < content.length, 'it was all sent');
    });

    it('when it ends itself', async () => {
      const { socket, read } = await ask(whole);
      lender.dispose();
      await assert.rejects(read(), isFailure('machineUnreachable'));
      await untilClosed(socket);
    });
  });

  describe('who asks', () => {
    const answering = (answer: (write: (bytes: Uint8Array | string) => void, end: () => void) => void): void => {
      peer.onConnection = ({ socket }) => {
        socket.once('data', () => answer((bytes) => void socket.write(bytes), () => void socket.end()));
      };
    };
    const request: FileRequest = { sha256, offset: 0, length: 10 };

    for (const [what, answer] of [
      ['says something else', 'HTTP/1.1 200 OK\r\n'],
      ['says less than an answer', '\u0001\u0000'],
    ] as const) {
      it(`finds that the other end ${what}`, async () => {
        answering((write, end) => {
          write(answer);
          end();
        });
        await assert.rejects(ask(request), isFailure('machineUnreachable'));
      });
    }

    it('takes no byte more than was asked for', async () => {
      answering((write) => write(Buffer.concat([encodeAnswer({ kind: 'given', fileBytes: 100 }), Buffer.alloc(11)])));
      await assert.rejects((await ask(request)).read(), isFailure('machineUnreachable'));
    });

    it('is told when the answer ends in the middle', async () => {
      answering((write, end) => {
        write(Buffer.concat([encodeAnswer({ kind: 'given', fileBytes: 100 }), Buffer.alloc(9)]));
        end();
      });
      await assert.rejects((await ask(request)).read(), isFailure('machineUnreachable'));
    });

    it('gives up on silence before the answer', async () => {
      answering(() => undefined);
      const asking = ask(request, { clock });
      asking.catch(() => undefined);
      while (clock.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.advance(silenceLimitMs);
      await assert.rejects(asking, isFailure('machineUnreachable'));
    });

    it('gives up on silence in the middle of the content', async () => {
      answering((write) => write(Buffer.concat([encodeAnswer({ kind: 'given', fileBytes: 100 }), Buffer.alloc(9)])));
      const { content } = await ask(request, { clock });
      const chunks = content[Symbol.asyncIterator]();
      assert.equal((await chunks.next()).value?.length, 9);
      const next = chunks.next();
      next.catch(() => undefined);
      await clock.advance(silenceLimitMs);
      await assert.rejects(next, isFailure('machineUnreachable'));
    });

    it('may cancel, and may leave in the middle: the connection is closed', async () => {
      const stopping = new AbortController();
      const { read, socket } = await ask(whole, { signal: stopping.signal });
      stopping.abort();
      await assert.rejects(read(), isFailure('cancelled'));
      await untilClosed(socket);
      const left = await ask(whole);
      for await (const _ of left.content) break;
      await untilClosed(left.socket);
    });
  });
});

