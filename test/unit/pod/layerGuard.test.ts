import assert from 'node:assert/strict';
import { LayerGuard } from '../../../src/engine/pod/core/guard/layerGuard.js';
import { MemoryLimit } from '../../../src/engine/pod/core/guard/memoryLimit.js';
import { rpcCommands } from '../../../src/engine/pod/core/guard/rpcTable.js';
import { allocate, allocated, answer, compute, deviceMemory, free, getTensor, hello, helloAnswer, recompute, request, setTensor, setTensorHash, uint32, uint64 } from '../../support/rpcBytes.js';

const mebibyte = 1_024 * 1_024;

/** A guard with what it has let through, for all to see. */
class Bench {
  readonly limit = new MemoryLimit(1_000);
  readonly server: Uint8Array[] = [];
  readonly client: Uint8Array[] = [];
  readonly waits: number[] = [];
  readonly weights: [string, number][] = [];
  now = 0;
  readonly guard: LayerGuard;

  constructor(limit = 1_000) {
    this.limit = new MemoryLimit(limit);
    this.guard = new LayerGuard(
      { memory: () => ({ free: 4_000, total: 9_000 }), limit: this.limit, now: () => this.now, onAnswered: (ms) => this.waits.push(ms), onWeights: (hash, bytes) => this.weights.push([hash, bytes]) },
      { toServer: (bytes) => this.server.push(bytes), toClient: (bytes) => this.client.push(bytes) },
    );
  }

  /** One that has greeted and holds a buffer of 500 bytes with the handle 16. */
  static ready(limit?: number): Bench {
    const bench = new Bench(limit);
    bench.passes('client', hello(), allocate(500));
    bench.passes('server', helloAnswer(), allocated(16, 500));
    bench.server.length = 0;
    bench.client.length = 0;
    return bench;
  }

  send(from: 'client' | 'server', ...messages: readonly Uint8Array[]): string | null {
    const bytes = Buffer.concat(messages);
    return from === 'client' ? this.guard.fromClient(bytes) : this.guard.fromServer(bytes);
  }

  passes(from: 'client' | 'server', ...messages: readonly Uint8Array[]): void {
    assert.equal(this.send(from, ...messages), null);
  }

  refuses(from: 'client' | 'server', message: Uint8Array, reason: RegExp): void {
    const out = from === 'client' ? this.server : this.client;
    const before = Buffer.concat(out).length;
    assert.match(this.send(from, message) ?? 'it passed', reason);
    assert.equal(Buffer.concat(out).length, before, 'what is refused must not go on');
  }

  get toServer(): Buffer {
    return Buffer.concat(this.server);
  }
  get toClient(): Buffer {
    return Buffer.concat(this.client);
  }
}

describe('layer guard: requests', () => {
  it('lets every known command pass as it is', () => {
    const bench = Bench.ready();
    const messages = [
      request('GET_ALIGNMENT', uint32(0)), request('GET_MAX_SIZE', uint32(0)), request('BUFFER_GET_BASE', uint64(16)), request('BUFFER_CLEAR', Buffer.alloc(9)),
      setTensor(Buffer.alloc(500)), setTensorHash(1n), getTensor(500), request('COPY_TENSOR', Buffer.alloc(592)), compute, request('INIT_TENSOR', Buffer.alloc(296)),
      request('GET_ALLOC_SIZE', Buffer.alloc(3_260)), request('DEVICE_COUNT'), recompute, request('MEMSET_TENSOR', Buffer.alloc(313)),
    ];
    bench.passes('client', ...messages);
    assert.deepEqual(bench.toServer, Buffer.concat(messages));
  });

  it('lets HELLO pass without capabilities', () => {
    const bench = new Bench();
    bench.passes('client', hello(9));
    assert.deepEqual(bench.toServer, hello(0));
  });

  it('refuses any command before HELLO', () => new Bench().refuses('client', deviceMemory, /GET_DEVICE_MEMORY before HELLO/));
  it('refuses a second HELLO', () => Bench.ready().refuses('client', hello(), /a second HELLO/));

  for (const command of [rpcCommands.length, 19, 255]) {
    it(`refuses the unknown command ${command} at its first byte`, () => Bench.ready().refuses('client', Buffer.of(command), new RegExp(`unknown command ${command}`)));
  }

  for (const { name, request: length } of rpcCommands.filter(({ name }) => name !== 'HELLO')) {
    const bounds = typeof length === 'number' ? [length - 1, length + 1] : [length.atLeast - 1, (length.atMost === 'buffer' ? length.atLeast + 500 : length.atMost) + 1];
    for (const wrong of bounds.filter((bytes) => bytes >= 0)) {
      it(`refuses ${name} of ${wrong} bytes before its payload`, () => {
        const head = request(name);
        head.writeBigUInt64LE(BigInt(wrong), 1);
        Bench.ready().refuses('client', head, new RegExp(`${name} of ${wrong} bytes`));
      });
    }
    it(`refuses ${name} of 2^64 - 1 bytes`, () => {
      const head = request(name);
      head.fill(255, 1);
      Bench.ready().refuses('client', head, new RegExp(`${name} of 18446744073709552000 bytes`));
    });
  }

  it('answers GET_DEVICE_MEMORY itself', () => {
    const bench = Bench.ready();
    bench.passes('client', deviceMemory);
    assert.deepEqual(bench.toClient, answer(uint64(4_000, 9_000)));
    assert.equal(bench.toServer.length, 0);
  });

  it('gives its own answers in the order of the requests', () => {
    const bench = Bench.ready();
    bench.passes('client', getTensor(3), deviceMemory, deviceMemory, getTensor(2));
    assert.equal(bench.toClient.length, 0);
    bench.passes('server', answer(Buffer.from('abc')), answer(Buffer.from('de')));
    assert.deepEqual(bench.toClient, Buffer.concat([answer(Buffer.from('abc')), answer(uint64(4_000, 9_000)), answer(uint64(4_000, 9_000)), answer(Buffer.from('de'))]));
  });

  it('refuses more requests without an answer than llama.cpp ever has', () => {
    const bench = Bench.ready();
    bench.passes('client', getTensor(1));
    assert.match(bench.send('client', ...Array.from({ length: 5_000 }, () => deviceMemory)) ?? '', /too many requests/);
  });

  it('refuses to read more than was allocated', () => Bench.ready().refuses('client', getTensor(501), /GET_TENSOR for 501 bytes/));
});

describe('layer guard: memory', () => {
  it('lets allocations pass up to the limit', () => {
    const bench = Bench.ready();
    bench.passes('client', allocate(500));
    bench.passes('server', allocated(32, 512));
    assert.equal(bench.limit.used, 1_000);
  });

  it('answers an allocation over the limit as a full device does', () => {
    const bench = Bench.ready();
    bench.passes('client', allocate(501), recompute);
    assert.deepEqual(bench.toClient, allocated(0, 0));
    assert.deepEqual(bench.toServer, recompute);
    assert.equal(bench.limit.used, 500);
  });

  it('counts an allocation before its answer has come', () => {
    const bench = Bench.ready();
    bench.passes('client', allocate(400), allocate(400));
    assert.deepEqual(bench.toServer, allocate(400));
  });

  for (const bytes of [2n ** 64n - 1n, 2n ** 63n, 2n ** 53n]) {
    it(`an allocation of ${bytes} bytes is over the limit`, () => {
      const bench = Bench.ready();
      bench.passes('client', allocate(bytes));
      assert.deepEqual(bench.toClient, allocated(0, 0));
    });
  }

  it('gives back what was freed', () => {
    const bench = Bench.ready();
    bench.passes('client', free(16), allocate(1_000));
    assert.deepEqual(bench.toServer, Buffer.concat([free(16), allocate(1_000)]));
  });

  it('gives back what the device could not allocate', () => {
    const bench = Bench.ready();
    bench.passes('client', allocate(400));
    bench.passes('server', allocated(0, 0));
    assert.equal(bench.limit.used, 500);
  });

  it('gives back everything when the connection ends, also what is being asked for', () => {
    const bench = Bench.ready();
    bench.passes('client', allocate(300));
    bench.guard.release();
    assert.equal(bench.limit.used, 0);
  });

  it('refuses to free what is not there, and the same twice', () => {
    Bench.ready().refuses('client', free(17), /not there/);
    const bench = Bench.ready();
    bench.passes('client', free(16));
    bench.refuses('client', free(16), /not there/);
  });

  it('tells handles apart that differ in their last bit above 2^53', () => {
    const bench = Bench.ready(2_000);
    bench.passes('client', allocate(1), allocate(2));
    bench.passes('server', allocated(2n ** 60n, 1), allocated(2n ** 60n + 1n, 2));
    bench.passes('client', free(2n ** 60n + 1n));
    assert.equal(bench.limit.used, 501);
  });

  it('bounds the number of buffers, for empty ones have no bytes', () => {
    const bench = Bench.ready();
    for (let i = 0; i < 4_095; i++) {
      bench.passes('client', allocate(0));
      bench.passes('server', allocated(100 + i, 0));
    }
    bench.client.length = 0;
    bench.passes('client', allocate(0));
    assert.deepEqual(bench.toClient, allocated(0, 0));
  });
});

describe('layer guard: answers', () => {
  const lies: readonly (readonly [string, Buffer, Buffer, RegExp])[] = [
    ['another length than the command has', request('GET_ALIGNMENT', uint32(0)), answer(Buffer.alloc(9)), /9 bytes to GET_ALIGNMENT, which has 8/],
    ['a tensor shorter than asked for', getTensor(5), answer(Buffer.alloc(4)), /4 bytes to GET_TENSOR, which has 5/],
    ['a tensor longer than asked for', getTensor(5), answer(Buffer.alloc(6)), /6 bytes to GET_TENSOR, which has 5/],
    ['a buffer smaller than asked for', allocate(100), allocated(32, 99), /99 bytes where 100 were asked for/],
    ['a buffer of absurd size', allocate(100), allocated(32, 2n ** 62n), /where 100 were asked for/],
    ['bytes without a buffer', allocate(100), allocated(0, 100), /where 100 were asked for/],
    ['the same buffer twice', allocate(100), allocated(16, 100), /the same buffer twice/],
    ['no device', request('DEVICE_COUNT'), answer(uint32(0)), /0 devices/],
    ['two devices', request('DEVICE_COUNT'), answer(uint32(2)), /2 devices/],
    ['an alignment of 0', request('GET_ALIGNMENT', uint32(0)), answer(uint64(0)), /alignment of 0/],
    ['an alignment of 48', request('GET_ALIGNMENT', uint32(0)), answer(uint64(48)), /alignment of 48/],
    ['an enormous alignment', request('GET_ALIGNMENT', uint32(0)), answer(uint64(2n ** 40n)), /alignment of/],
    ['buffers of at most 0 bytes', request('GET_MAX_SIZE', uint32(0)), answer(uint64(0)), /at most 0 bytes/],
    ['a buffer at address 0', request('BUFFER_GET_BASE', uint64(16)), answer(uint64(0)), /address 0/],
    ['a tensor of absurd size', request('GET_ALLOC_SIZE', Buffer.alloc(3_260)), answer(uint64(2n ** 50n)), /a tensor of/],
  ];
  for (const [name, asked, said, reason] of lies) {
    it(`refuses ${name}`, () => {
      const bench = Bench.ready();
      bench.passes('client', asked);
      bench.refuses('server', said, reason);
    });
  }

  it('refuses what nobody asked for', () => {
    Bench.ready().refuses('server', answer(uint64(1)), /an answer to nothing/);
    new Bench().refuses('server', Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), /an answer to nothing/);
  });

  it('refuses another version of the protocol', () => {
    const bench = new Bench();
    bench.passes('client', hello());
    bench.refuses('server', helloAnswer(7), /RPC protocol 7\.0\.0/);
  });

  it('lets the greeting pass without capabilities', () => {
    const bench = new Bench();
    bench.passes('client', hello());
    bench.passes('server', helloAnswer(6, 9));
    assert.deepEqual(bench.toClient, helloAnswer());
  });

  it('times a request from its passing to its answer', () => {
    const bench = Bench.ready();
    bench.waits.length = 0;
    bench.passes('client', getTensor(1));
    bench.now = 7;
    bench.passes('server', answer(Buffer.alloc(1)));
    assert.deepEqual(bench.waits, [7]);
  });

  it('tells which tensor the device is about to keep: one that was asked for by its hash and was not there', () => {
    const bench = Bench.ready(64 * mebibyte);
    const tell = (hash: bigint, there: number, data: Buffer | null): void => {
      bench.passes('client', setTensorHash(hash));
      bench.passes('server', answer(Buffer.of(there)));
      if (data !== null) bench.passes('client', setTensor(data));
    };
    bench.passes('client', allocate(32 * mebibyte));
    bench.passes('server', allocated(48, 32 * mebibyte));
    tell(0xabcn, 1, null);
    bench.passes('client', setTensor(Buffer.alloc(11 * mebibyte)));
    tell(0x1234_5678_9abc_def0n, 0, Buffer.alloc(11 * mebibyte));
    bench.passes('client', setTensor(Buffer.alloc(11 * mebibyte)));
    assert.deepEqual(bench.weights, [['123456789abcdef0', 11 * mebibyte]]);
  });
});

describe('layer guard: chunks', () => {
  const asked = [hello(5), allocate(200), allocate(5_000), request('DEVICE_COUNT'), setTensor(Buffer.alloc(100, 3)), compute, getTensor(40), deviceMemory, recompute, getTensor(0), free(32)];
  const answers = [helloAnswer(6, 5), allocated(32, 200), answer(uint32(1)), answer(Buffer.alloc(40, 4)), answer(Buffer.alloc(0))];
  const toServer = Buffer.concat([hello(0), ...asked.slice(1, 2), ...asked.slice(3, 7), ...asked.slice(8)]);
  const toClient = Buffer.concat([helloAnswer(), allocated(32, 200), allocated(0, 0), answer(uint32(1)), answer(Buffer.alloc(40, 4)), answer(uint64(4_000, 9_000)), answer(Buffer.alloc(0))]);

  /** A conversation as it happens: a tensor is not set before its buffer is there. */
  function converse(cut: (bytes: Buffer) => Buffer[]): void {
    const bench = new Bench();
    const send = (from: 'client' | 'server', messages: readonly Buffer[]): void => cut(Buffer.concat(messages)).forEach((chunk) => bench.passes(from, chunk));
    send('client', asked.slice(0, 4));
    send('server', answers.slice(0, 3));
    send('client', asked.slice(4));
    send('server', answers.slice(3));
    assert.deepEqual(bench.toServer, toServer);
    assert.deepEqual(bench.toClient, toClient);
    assert.equal(bench.limit.used, 0);
  }

  it('does the same wherever a stream is cut in two', () => {
    const longest = Buffer.concat(asked.slice(4)).length;
    for (let at = 0; at <= longest; at++) converse((bytes) => [bytes.subarray(0, at), bytes.subarray(at)]);
  });

  for (const size of [1, 2, 3, 7, 8, 9, 13, 64, 321]) {
    it(`does the same with chunks of ${size} bytes`, () => {
      converse((bytes) => Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size)));
    });
  }

  it('does the same with chunks of any size', () => {
    let state = 1;
    const next = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31);
    for (let round = 0; round < 300; round++) {
      converse((bytes) => {
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; ) {
          const size = 1 + (next() >> 8) % 500;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        return chunks;
      });
    }
  });

  it('hands chunks on without copying them', () => {
    const bench = Bench.ready();
    const chunk = Buffer.concat([setTensor(Buffer.alloc(400)), recompute]);
    bench.guard.fromClient(chunk);
    assert.equal(bench.server.length, 1);
    assert.ok(bench.server[0] === chunk);
    const long = setTensor(Buffer.alloc(450));
    const rest = long.subarray(20);
    bench.guard.fromClient(long.subarray(0, 20));
    bench.guard.fromClient(rest);
    assert.ok(bench.server.at(-1) === rest);
  });

  it('random bytes are refused and never throw', () => {
    let state = 7;
    const next = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >> 8;
    for (let round = 0; round < 2_000; round++) {
      const bench = round % 2 === 0 ? Bench.ready() : new Bench();
      const bytes = Buffer.from(Array.from({ length: 4_000 }, () => next() & 255));
      const from = round % 3 === 0 ? 'server' : 'client';
      assert.notEqual(bench.send(from, bytes), null);
    }
  });

  it('a message with one byte changed never throws, and only what the table allows goes on', () => {
    for (let at = 0; at < 40; at++) {
      for (const value of [0, 1, 18, 127, 255]) {
        const bytes = Buffer.concat([recompute, getTensor(10), deviceMemory]);
        bytes[at] = value;
        const bench = Bench.ready();
        bench.send('client', bytes);
        assert.ok(bench.toServer.equals(bytes.subarray(0, bench.toServer.length)));
      }
    }
  });
});
