import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { checkLeaks } from '../support/leaks.js';
import { processesOf } from '../support/leftovers.mjs';
import { layeredModel } from '../support/testModels.js';

const cli = path.resolve('dist/cli.cjs');
const question = 'Write a function that adds two numbers.';

describe('seekpod in a terminal', () => {
  const home = checkLeaks();

  interface Run {
    readonly code: number | null;
    readonly out: string;
    readonly err: string;
  }

  async function run(args: readonly string[], onOutput: (text: string, kill: (signal: NodeJS.Signals) => unknown) => void = () => undefined): Promise<Run> {
    const child = spawn(process.execPath, [cli, ...args], { env: home.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    // Once: a second Ctrl+C does not wait for the line to be closed.
    const kill = (signal: NodeJS.Signals): unknown => child.killed || child.kill(signal);
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      onOutput(out, kill);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      onOutput(err, kill);
    });
    await once(child, 'close');
    return { code: child.exitCode, out, err };
  }
  const stopAtEnd = (): void => home.atEnd(async () => void (await run(['stop'])));

  it('answers, with the figures and what the model is in the last line, and nothing but text', async () => {
    stopAtEnd();
    const { code, out, err } = await run(['ask', '--temperature', '0', question]);
    assert.equal(code, 0);
    assert.match(out, /addNumbers/);
    const last = out.trimEnd().split('\n').at(-1) ?? '';
    assert.match(last, /^\d+ tokens · time to first token \d+ ms · [\d.]+ tokens\/s · .*small demonstration model/);
    for (const unwanted of ['\u001B', '<think>']) assert.equal((out + err).includes(unwanted), false);
    assert.match(err, /Loading the model/);
  });

  it('says that the engine is started only when it is', async () => {
    stopAtEnd();
    assert.match((await run(['ask', '--max-tokens', '1', question])).err, /Starting the engine/);
    assert.doesNotMatch((await run(['ask', '--max-tokens', '1', question])).err, /Starting the engine/);
  });

  it('a model that was named for one question does not serve the next', async () => {
    stopAtEnd();
    assert.equal((await run(['ask', '--model', '/nowhere/model.gguf', question])).code, 1);
    const { code, out } = await run(['ask', '--max-tokens', '1', question]);
    assert.equal(code, 0);
    assert.match(out, /small demonstration model/);
  });

  it('the same seed gives the same answer', async () => {
    stopAtEnd();
    const ask = () => run(['ask', '--temperature', '1', '--seed', '7', '--max-tokens', '40', question]);
    const answer = ({ out }: Run): string => out.trimEnd().split('\n').slice(0, -1).join('\n');
    assert.equal(answer(await ask()), answer(await ask()));
  });

  it('Ctrl+C while the model loads ends it with 130', async () => {
    stopAtEnd();
    const { code } = await run(['ask', '--model', layeredModel(), question], (text, kill) => text.includes('Loading') && kill('SIGINT'));
    assert.equal(code, 130);
  });

  it('Ctrl+C in the middle of an answer ends it with 130 and keeps what was said', async () => {
    stopAtEnd();
    // A model that writes on, of which the first words of the answer are anything.
    const { code, out } = await run(['ask', '--model', layeredModel(), '--temperature', '0', question], (text, kill) => !text.startsWith('Starting') && kill('SIGINT'));
    assert.equal(code, 130);
    assert.match(out, /^.+\n$/s);
    assert.doesNotMatch(out, /time to first token/);
  });

  it('a missing model is said in words, with exit code 1', async () => {
    stopAtEnd();
    const { code, out, err } = await run(['ask', '--model', '/nowhere/model.gguf', question]);
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.match(err, /no model file at \/nowhere\/model\.gguf/);
  });

  for (const name of ['Calf', 'calf-q8_0.gguf', 'calf:q8_0']) {
    it(`--model ${name} is the installed model that is listed so`, async () => {
      stopAtEnd();
      const { code, out, err } = await run(['ask', '--model', name, '--max-tokens', '1', question]);
      assert.equal(code, 0, err);
      assert.match(out, /small demonstration model/);
    });
  }

  it('a name that no installed model has is said with those there are', async () => {
    stopAtEnd();
    for (const args of [['ask', '--model', 'calv', question], ['ask', '--pod', 'calv', question], ['pod', 'plan', 'calv'], ['pod', 'run', 'calv']]) {
      const { code, out, err } = await run(args);
      assert.equal(code, 1, args.join(' '));
      assert.equal(out, '');
      assert.match(err, /no installed model of that name\. Installed are: calf-q8_0\.gguf/);
    }
  });

  it('a name that two installed models have is said with both', async () => {
    stopAtEnd();
    const copy = path.join(home.runtimeDirectory, 'copy.gguf');
    fs.copyFileSync('models/calf-q8_0.gguf', copy);
    assert.equal((await run(['models', 'import', copy])).code, 0);
    const { code, err } = await run(['ask', '--model', 'calf', question]);
    assert.equal(code, 1);
    assert.match(err, /calf can be one of several\. Name one of them: \w+, \w+/);
    assert.equal((await run(['ask', '--model', 'copy.gguf', '--max-tokens', '1', question])).code, 0);
  });

  it('a context and a type of the KV cache go with a model that is named', async () => {
    stopAtEnd();
    const file = path.join(home.runtimeDirectory, 'a.ts');
    fs.writeFileSync(file, 'x\n'.repeat(400));
    const asked = ['--kv-type', 'q8_0', '--max-tokens', '1', '--file', file, question];
    assert.equal((await run(['ask', '--model', 'calf', '--context', '2048', ...asked])).code, 0);
    const { code, err } = await run(['ask', '--model', 'calf', '--context', '512', ...asked]);
    assert.equal(code, 1);
    assert.match(err, /the context has room for [45]\d\d\./);
    const unnamed = await run(['ask', '--context', '2048', ...asked]);
    assert.equal(unnamed.code, 1);
    assert.match(unnamed.err, /go with --model or --pod/);
  });

  it('no other model answers for one that is missing on the pod, however often it is asked', async () => {
    stopAtEnd();
    for (const attempt of [1, 2]) {
      const { code, out, err } = await run(['ask', '--pod', '/nowhere/model.gguf', question]);
      assert.equal(code, 1, String(attempt));
      assert.equal(out, '');
      assert.match(err, /no model file at \/nowhere\/model\.gguf/);
    }
  });

  it('a file that cannot be read is said before anything starts', async () => {
    const { code, err } = await run(['ask', '--file', '/nowhere/a.ts', question]);
    assert.equal(code, 1);
    assert.match(err, /\/nowhere\/a\.ts cannot be read/);
    assert.deepEqual(processesOf(home.runtimeDirectory), []);
  });

  it('a file goes with the question', async () => {
    stopAtEnd();
    const file = path.join(home.runtimeDirectory, 'a.ts');
    fs.writeFileSync(file, 'x\n'.repeat(5_000));
    const { code, err } = await run(['ask', '--file', file, question]);
    assert.equal(code, 1);
    assert.match(err, /tokens, and the context has room for/);
  });

  it('options that make no sense are refused', async () => {
    const asking = [['--max-tokens', '0'], ['--temperature', 'hot'], ['--seed', '-1']].map((args) => ['ask', ...args, question]);
    const sharing = ['', 'n'.repeat(129), 'a\nb'].map((name) => ['pod', 'share', '--name', name]);
    for (const args of [...asking, ...sharing]) {
      const { code, err } = await run(args);
      assert.equal(code, 1);
      assert.match(err, /error: option/);
    }
  });

  it('status and stop say that nothing runs, and start nothing', async () => {
    for (const command of ['status', 'stop']) {
      const { code, out } = await run([command]);
      assert.equal(code, 0);
      assert.match(out, /not running/);
    }
    assert.deepEqual(processesOf(home.runtimeDirectory), []);
  });

  it('status names the processes and the model, and stop ends them', async () => {
    await run(['ask', '--max-tokens', '3', question]);
    const { out } = await run(['status']);
    assert.match(out, /Engine .*process \d+/);
    assert.match(out, /Model process \d+ for completion, chat/);
    assert.match(out, /Chat: ready, /);
    assert.match((await run(['stop'])).out, /has ended/);
    assert.match((await run(['status'])).out, /not running/);
  });

  it('serve runs the engine until Ctrl+C, for other terminals too', async () => {
    let asked: Promise<Run> | undefined;
    const served = await run(['serve'], (text, kill) => {
      if (asked !== undefined || !text.includes('listens')) return;
      asked = run(['ask', '--max-tokens', '3', question]);
      void asked.then(() => kill('SIGINT'));
    });
    assert.equal(served.code, 0);
    assert.equal((await asked)?.code, 0);
  });

  it('a reader of progress that has gone does not end the answer', async () => {
    stopAtEnd();
    const child = spawn(process.execPath, [cli, 'ask', '--temperature', '0', question], { env: home.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.destroy();
    await once(child, 'close');
    assert.equal(child.exitCode, 0);
    assert.match(out, /addNumbers/);
  });

  it('a reader that has gone is no defect of what is read', async () => {
    const child = spawn(process.execPath, [cli, 'status'], { env: home.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.destroy();
    await once(child, 'close');
    assert.equal(child.exitCode, 0);
    assert.equal(err, '');
  });

  const fullDisk = '/dev/full';
  for (const args of fs.existsSync(fullDisk) ? [['ask', question], ['models', 'list', '--installed', '--json'], ['status']] : []) {
    it(`${args[0]} that a full disk does not take says so, with exit code 1`, async () => {
      stopAtEnd();
      const full = fs.openSync(fullDisk, 'w');
      const child = spawn(process.execPath, [cli, ...args], { env: home.env, stdio: ['ignore', full, 'pipe'] });
      fs.closeSync(full);
      let err = '';
      child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
      await once(child, 'close');
      assert.equal(child.exitCode, 1);
      assert.match(err, /The disk is full/);
      assert.doesNotMatch(err, /\bat /);
    });
  }

  it('a terminal that is closed ends sharing, however often it says so', async () => {
    // The system tells the programs of a terminal that is closed, and so does their shell.
    const child = spawn(process.execPath, [cli, 'pod', 'share', '--port', '0'], { env: home.env, stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    const hangingUp = setInterval(() => child.kill('SIGHUP'), 1);
    await ended;
    clearInterval(hangingUp);
    assert.match((await run(['status'])).out, /not running/);
  });

  it('a terminal whose sharing another one has changed says so, and ends when that one stops it', async () => {
    const share = (...args: readonly string[]) => {
      const child = spawn(process.execPath, [cli, 'pod', 'share', '--port', '0', ...args], { env: home.env, stdio: ['pipe', 'pipe', 'inherit'] });
      const shown = { text: '' };
      child.stdout.on('data', (chunk: Buffer) => (shown.text += chunk.toString()));
      return { child, shown, said: once(child.stdout, 'data'), ended: once(child, 'close') };
    };
    const first = share('--cpu', '--name', 'first');
    await first.said;
    assert.match(first.shown.text, /is shared as first: CPU, up to/);
    const second = share('--cpu', '--name', 'second', '--memory', '0.001');
    await second.said;
    assert.match(second.shown.text, /is shared as second: CPU, up to 1\.0 MB/);
    second.child.kill('SIGINT');
    await first.ended;
    assert.equal(first.child.exitCode, 1);
    assert.match(first.shown.text, /no longer shared/);
    assert.doesNotMatch(first.shown.text, /nothing to lend/);
    await second.ended;
  });

  it('serve ends when told to, also when its terminal has gone before', async () => {
    const child = spawn(process.execPath, [cli, 'serve'], { env: home.env, stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'exit');
    await new Promise<void>((resolve) => child.stderr.on('data', (text: Buffer) => text.includes('listens') && resolve()));
    child.stderr.destroy();
    // Something to say to the terminal.
    assert.equal((await run(['status'])).code, 0);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
});
