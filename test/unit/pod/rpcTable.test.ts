import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { capabilityBytes, hashThreshold, helloCommand, rpcCommands, rpcProtocol, tensorBytes } from '../../../src/engine/pod/core/guard/rpcTable.js';

const scalarBytes: Readonly<Record<string, number>> = { uint8_t: 1, char: 1, uint32_t: 4, int32_t: 4, uint64_t: 8 };

/** What the table must agree with, read from the C++ that this release of node-llama-cpp is built from. */
class RpcSource {
  readonly #sizes = new Map<string, number>();
  readonly commands: readonly string[];

  constructor(private readonly show: (file: string) => string) {
    const code = show('ggml/src/ggml-rpc/ggml-rpc.cpp');
    const packed = /#pragma pack\(push, 1\)([^]*?)#pragma pack\(pop\)/.exec(code)?.[1] ?? '';
    for (const [, name = '', body = ''] of packed.matchAll(/^struct (\w+) \{([^]*?)^\};/gm)) this.#sizes.set(name, this.#structBytes(body));
    const names = /enum rpc_cmd \{([^]*?)\}/.exec(code)?.[1] ?? '';
    this.commands = [...names.matchAll(/RPC_CMD_(\w+)/g)].map(([, name = '']) => name);
    this.code = code;
  }

  readonly code: string;

  bytes(struct: string): number {
    const size = this.#sizes.get(struct);
    assert.ok(size !== undefined, `there is no ${struct}`);
    return size;
  }

  number(file: string, name: string): number {
    const value = new RegExp(`\\b${name}\\s*=?\\s*(\\d+(?: \\* \\d+)*)`).exec(this.show(file))?.[1];
    assert.ok(value !== undefined, `there is no ${name}`);
    return value.split(' * ').reduce((product, factor) => product * Number(factor), 1);
  }

  #structBytes(body: string): number {
    let bytes = 0;
    for (const [, type = '', length] of body.matchAll(/^\s*(\w+)\s+\w+(?:\[([^\]]+)\])?;/gm)) bytes += (scalarBytes[type] ?? this.bytes(type)) * this.#length(length);
    return bytes;
  }

  #length(text: string | undefined): number {
    if (text === undefined) return 1;
    const [name = '', divisor] = text.split(' / ');
    const value = name === 'RPC_CONN_CAPS_SIZE' ? this.number('ggml/src/ggml-rpc/transport.h', name) : this.number('ggml/include/ggml.h', name);
    return divisor === undefined ? value : value / 4;
  }
}

describe('table of the RPC commands', () => {
  let source: RpcSource;

  before(() => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-source-'));
    try {
      execFileSync('git', ['clone', '--quiet', '--bare', path.resolve('node_modules/node-llama-cpp/llama/gitRelease.bundle'), folder], { stdio: 'pipe' });
      const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1_024 * 1_024 });
      // The patches go into the index: nothing of the large tree needs to be written.
      git('read-tree', 'HEAD');
      for (const patch of fs.readdirSync('native/patches')) git('apply', '--cached', path.resolve('native/patches', patch));
      source = new RpcSource((file) => git('show', `:${file}`));
    } finally {
      after(() => fs.rmSync(folder, { recursive: true, force: true }));
    }
  });

  it('is for the version of the bundled source with our patches', () => {
    for (const [part, name] of [['major', 'MAJOR'], ['minor', 'MINOR'], ['patch', 'PATCH']] as const) {
      assert.equal(rpcProtocol[part], source.number('ggml/include/ggml-rpc.h', `RPC_PROTO_${name}_VERSION`));
    }
  });

  it('has the commands of the source in its order', () => {
    // The last two are no messages.
    assert.deepEqual(rpcCommands.map(({ name }) => name), source.commands.slice(0, -2));
    assert.deepEqual(source.commands.slice(-2), ['NONE', 'COUNT']);
    assert.equal(rpcCommands[helloCommand].name, 'HELLO');
  });

  it('has the sizes of the source', () => {
    assert.equal(tensorBytes, source.bytes('rpc_tensor'));
    assert.equal(capabilityBytes, source.number('ggml/src/ggml-rpc/transport.h', 'RPC_CONN_CAPS_SIZE'));
    assert.equal(hashThreshold, source.number('ggml/src/ggml-rpc/ggml-rpc.cpp', 'HASH_THRESHOLD'));
  });

  for (const [number, { name, request, answer }] of rpcCommands.entries()) {
    const struct = `rpc_msg_${name.toLowerCase()}`;
    it(`has the lengths of ${name}, command ${number}`, () => {
      // DEVICE_COUNT has no request; tensors and graphs are not structs.
      if (typeof request === 'number' && request > 0) assert.equal(request, source.bytes(`${struct}_req`));
      if (typeof answer === 'number') assert.equal(answer, source.bytes(`${struct}_rsp`));
      else assert.ok(!source.code.includes(`struct ${struct}_rsp`));
    });
  }

  it('knows which commands answer', () => {
    const cases = /static void rpc_serve_client\([^]*?while \(true\)([^]*?)^\}/m.exec(source.code)?.[1] ?? '';
    const answering = cases.split('case RPC_CMD_').filter((text) => text.includes('send_msg(')).map((text) => /^\w+/.exec(text)?.[0]);
    assert.deepEqual(answering.toSorted(), rpcCommands.filter(({ name, answer }) => answer !== null && name !== 'HELLO').map(({ name }) => name).toSorted());
  });

  it('has the smallest tensor and the smallest graph', () => {
    const least = (name: string): number | null => {
      const request = rpcCommands.find((command) => command.name === name)?.request;
      return typeof request === 'object' ? request.atLeast : null;
    };
    assert.match(source.code, /input\.size\(\) < sizeof\(rpc_tensor\) \+ sizeof\(uint64_t\)\)/);
    assert.equal(least('SET_TENSOR'), tensorBytes + 8);
    assert.match(source.code, /input\.size\(\) < 2\*sizeof\(uint32_t\) \+ n_nodes\*sizeof\(uint64_t\) \+ sizeof\(uint32_t\)\)/);
    assert.equal(least('GRAPH_COMPUTE'), 12);
  });
});
