import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { installedModelSchema, modelOfferSchema, modelsStatusSchema } from '../../src/engine/protocol/modelTypes.js';
import { HubServer } from '../support/hubServer.js';
import { checkLeaks } from '../support/leaks.js';
import { calfFile } from '../support/workerProcess.js';

const cli = path.resolve('dist/cli.cjs');
const repository = 'someone/some-model';
const word = `${repository}/model.gguf`;
/** A file of the catalogue whose licence has conditions, and which nobody has published a checksum of. */
const restricted = { word: 'coder-1.3b-base:Q4_K_M', repository: 'mradermacher/deepseek-coder-1.3b-base-i1-GGUF', file: 'deepseek-coder-1.3b-base.i1-Q4_K_M.gguf' };

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('seekpod models in a terminal', () => {
  const home = checkLeaks();
  let hub: HubServer;
  let bytes: Buffer;

  before(() => {
    bytes = fs.readFileSync(calfFile);
  });
  beforeEach(async () => {
    hub = await HubServer.open(home);
    hub.put(repository, 'model.gguf', bytes);
    home.atEnd(async () => void (await run(['stop'])));
  });

  interface Typing {
    readonly input?: string;
    readonly onError?: (text: string, kill: (signal: NodeJS.Signals) => unknown) => void;
    readonly env?: Readonly<Record<string, string>>;
  }

  async function run(args: readonly string[], { input, onError = () => undefined, env = {} }: Typing = {}): Promise<Run> {
    const child = spawn(process.execPath, [cli, ...args], { env: { ...home.env, HF_ENDPOINT: hub.endpoint, NO_PROXY: '127.0.0.1,localhost', ...env }, stdio: 'pipe' });
    let out = '';
    let err = '';
    // Once: a second Ctrl+C does not wait.
    const kill = (signal: NodeJS.Signals): unknown => child.killed || child.kill(signal);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      onError(err, kill);
    });
    await once(child, 'close');
    return { code: child.exitCode, out, err };
  }
  const models = (...args: readonly string[]): Promise<Run> => run(['models', ...args]);

  /** The command went well, and said this. */
  async function done(running: Promise<Run>): Promise<string> {
    const { code, out, err } = await running;
    assert.equal(code, 0, err);
    return out;
  }

  /** What is there of models, with parts and journals, below the folder of all models. */
  const files = (): string[] => {
    const directory = path.join(home.runtimeDirectory, 'state', 'models');
    return fs.existsSync(directory) ? fs.readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.gguf')) : [];
  };

  describe('list', () => {
    it('names the model that ships inside, and what the catalogue has with size and fit', async () => {
      const out = await done(models('list'));
      assert.match(out, /^On this machine; .* free in .*\n.*calf/i);
      assert.match(out, /\n {2}coder-1\.3b-base:Q4_K_M +1\.3B +873 MB \(0\.8 GiB\) +fits/);
    });

    it('is JSON for programs', async () => {
      const listed: unknown = JSON.parse(await done(models('list', '--json')));
      assert.ok(v.is(v.object({ ...modelsStatusSchema.entries, offers: v.array(modelOfferSchema) }), listed));
      assert.ok(listed.offers.length > 10);
      const installed: unknown = JSON.parse(await done(models('list', '--installed', '--json')));
      assert.ok(v.is(v.strictObject(modelsStatusSchema.entries), installed));
      assert.equal(installed.installed.length, 1);
    });
  });

  describe('pull', () => {
    it('fetches a model of the hub, verifies it and says where it is; it is there the next time', async () => {
      const { code, out, err } = await models('pull', word);
      assert.equal(code, 0, err);
      const [, file] = /^Here now: .* (\/.*\.gguf)$/m.exec(out) ?? [];
      assert.ok(file);
      assert.ok(fs.readFileSync(file).equals(bytes));
      assert.match(err, /weights +\d/);
      assert.match(await done(models('list', '--installed')), /verified/);
      const before = hub.reads.length;
      assert.match(await done(models('pull', word)), /^Already there: /);
      assert.ok(hub.reads.length - before < 5, 'it was fetched again');
    });

    it('is JSON for programs', async () => {
      const model: unknown = JSON.parse(await done(models('pull', word, '--json')));
      assert.ok(v.is(installedModelSchema, model));
      assert.equal(model.checksum, 'matches');
    });

    it('Ctrl+C keeps what has come, and the same command goes on with it', async () => {
      hub.fault = ({ at }) => (at === 'storage' ? { kind: 'slow', bytesPerSecond: 2_000_000 } : null);
      const stopped = await run(['models', 'pull', word], { onError: (text, kill) => /\n[1-9]0 %/.test(text) && kill('SIGINT') });
      assert.equal(stopped.code, 130, stopped.err);
      assert.match(stopped.err, /Paused; what has come is kept\. It goes on with: seekpod models pull someone\/some-model\/model\.gguf/);
      assert.ok(files().every((name) => !name.endsWith('.gguf')), 'what is not whole has a final name');
      assert.match(await done(models('list', '--installed')), /On the way\n.*paused, [\d.]+ MB of [\d.]+ MB/);
      hub.fault = () => null;
      await done(models('pull', word));
      const last = hub.reads.at(-1)?.range;
      assert.ok(last !== undefined && last !== null && last.first > 1_000_000, 'it was all fetched again');
    });

    it('a file with a wrong byte is not used, and that is said', async () => {
      hub.fault = ({ at }) => (at === 'storage' ? { kind: 'wrongByte', at: bytes.length - 1 } : null);
      const { code, err } = await models('pull', word);
      assert.equal(code, 1);
      assert.match(err, /is not the file it should be/);
      assert.deepEqual(files(), []);
    });

    it('nobody there, nothing there and no such model are said in words, with exit code 1', async () => {
      await hub.close();
      for (const [wanted, words] of [
        [word, /127\.0\.0\.1.* cannot be reached/],
        ['nothing-of-the-kind', /There is no model nothing-of-the-kind/],
      ] as const) {
        const { code, err } = await models('pull', wanted);
        assert.equal(code, 1);
        assert.match(err, words);
      }
    });

    it('a file that the hub does not have is said', async () => {
      const { code, err } = await models('pull', `${repository}/another.gguf`);
      assert.equal(code, 1);
      assert.match(err, /The server has no .*another\.gguf/);
    });
  });

  describe('a licence with conditions', () => {
    beforeEach(() => void hub.put(restricted.repository, restricted.file, bytes));

    it('is shown, and a yes is enough', async () => {
      const { code, err } = await run(['models', 'pull', restricted.word], { input: 'y\n' });
      assert.match(err, /DEEPSEEK LICENSE AGREEMENT|DeepSeek Model License|DeepSeek License/i);
      assert.match(err, /Do you accept it\? \[y\/N\]/);
      assert.equal(code, 0, err);
    });

    for (const [what, input] of [
      ['a no', 'n\n'],
      ['the end of the input', ''],
    ] as const) {
      it(`${what} does not accept it: nothing is fetched`, async () => {
        const { code, err } = await run(['models', 'pull', restricted.word], { input });
        assert.equal(code, 1);
        assert.match(err, /has to be read and accepted/);
        if (input === '') assert.match(err, /--accept-licence deepseek-model/);
        assert.deepEqual(hub.reads, []);
        assert.match(await done(models('list', '--installed')), /^(?![\s\S]*On the way)/);
      });
    }

    it('is accepted by its id where nobody can answer', async () => {
      assert.match(await done(models('pull', restricted.word, '--accept-licence', 'deepseek-model')), /^Here now: /);
    });
  });

  describe('a file that is there already', () => {
    let file: string;
    beforeEach(() => {
      file = path.join(home.runtimeDirectory, 'own.gguf');
      fs.writeFileSync(file, bytes);
    });

    it('is imported where it is, verified, and forgotten without being deleted', async () => {
      assert.match(await done(models('import', file)), /^Imported: .*own\.gguf/);
      assert.match(await done(models('verify', file)), /no checksum is published|verified/);
      assert.match(await done(models('remove', file)), /no longer in the list; the file stays/);
      assert.ok(fs.existsSync(file));
      assert.doesNotMatch(await done(models('list', '--installed')), /own\.gguf/);
    });

    it('what is no model is not imported, and that is said with its path', async () => {
      fs.writeFileSync(file, 'no model');
      const { code, err } = await models('import', file);
      assert.equal(code, 1);
      assert.match(err, /own\.gguf is not a GGUF model file/);
    });

    it('its fit says the memory and the verdict, as text and as JSON', async () => {
      const out = await done(models('fit', file, '--context', '2048'));
      for (const words of [/weights +\d/, /KV cache .*2048 tokens/, /fits/]) assert.match(out, words);
      assert.ok(v.is(modelOfferSchema, JSON.parse(await done(models('fit', file, '--json')))));
    });
  });

  it('a downloaded model that was changed on the disk is found by verify, and removed from the disk by remove', async () => {
    await done(models('pull', word));
    const [name] = files();
    assert.ok(name);
    const file = path.join(home.runtimeDirectory, 'state', 'models', name);
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    fs.writeFileSync(file, changed);
    const { code, out } = await models('verify');
    assert.equal(code, 1);
    assert.match(out, /differs from the published checksum/);
    assert.match(await done(models('remove', word)), /^Removed: /);
    assert.deepEqual(files(), []);
  });

  it('the fit of a model elsewhere is computed from its header, without the rest of it', async () => {
    hub.fault = ({ at }) => (at === 'storage' ? { kind: 'stall', at: bytes.length / 2 } : null);
    assert.match(await done(models('fit', word)), /computed from the file/);
    assert.deepEqual(files(), []);
  });

  it('the fit of a model of the catalogue is said for each of its files', async () => {
    const out = await done(models('fit', 'coder-1.3b-base'));
    assert.ok((out.match(/KV cache/g) ?? []).length > 2);
  });

  it('what is in use by nobody and known by nobody cannot be removed', async () => {
    const { code, err } = await models('remove', 'nothing');
    assert.equal(code, 1);
    assert.match(err, /There is no model nothing/);
  });
});
