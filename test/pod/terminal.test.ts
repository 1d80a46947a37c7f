import assert from 'node:assert/strict';
import { once } from 'node:events';
import { podStatusSchema } from '../../src/engine/protocol/podTypes.js';
import * as v from 'valibot';
import { checkLeaks } from '../support/leaks.js';
import { processesOf } from '../support/leftovers.mjs';
import type { TestMachine } from '../support/machines.js';
import { calfFile } from '../support/workerProcess.js';
import { until } from '../support/testClient.js';
import { Terminal } from '../support/terminal.js';
import { useMachines } from '../support/useMachines.js';

const digits = /Do both screens show (\d{3} \d{3})\? \[y\/N\]/;

describe('the pod in terminals', () => {
  const home = checkLeaks();
  const network = useMachines(2);
  const open = new Set<Terminal>();
  const start = (machine: TestMachine, args: readonly string[]): Terminal => {
    const terminal = new Terminal(machine, ...args);
    open.add(terminal);
    void terminal.closed.then(() => open.delete(terminal));
    return terminal;
  };
  const here = (...args: readonly string[]): Terminal => start(network().machine(1), args);
  const there = (...args: readonly string[]): Terminal => start(network().machine(2), args);

  /** The command must end by itself with this code. */
  async function ends(terminal: Terminal, code: number): Promise<string> {
    assert.equal(await terminal.closed, code, terminal.text);
    return terminal.text;
  }

  beforeEach(() => home.atEnd(async () => {
    // After a failure.
    for (const terminal of open) await terminal.interrupt();
    for (const machine of network().machines) await ends(new Terminal(machine, 'stop'), 0);
  }));

  it('no is an answer: nothing is paired', async () => {
    const sharing = there('pod', 'share', '--cpu', '--name', 'studio');
    await sharing.shows(/is shared as studio/);
    const pairing = here('pod', 'pair', 'studio');
    await Promise.all([pairing.shows(digits), sharing.shows(digits)]);
    pairing.type('y');
    sharing.type('n');
    assert.match(await ends(pairing, 1), /a user did not say that the digits are equal/);
    assert.match(await ends(here('pod', 'status'), 0), /studio .*not paired/);
    assert.equal(await sharing.interrupt(), 0);
  });

  it('two users pair two machines, plan a model, ask it and unpair', async () => {
    const sharing = there('pod', 'share', '--cpu', '--name', 'studio', '--memory', '2');
    await sharing.shows(/is shared as studio: CPU, up to [\d.]+ [MG]B, on port \d+/);

    const pairing = here('pod', 'pair', 'Studio');
    const shown = await Promise.all([pairing.shows(digits), sharing.shows(digits)]);
    assert.equal(shown[0][1], shown[1][1]);
    pairing.type('y');
    sharing.type('y');
    assert.match(await ends(pairing, 0), /Paired with studio/);
    await sharing.shows(/Paired with /);

    assert.match(await ends(here('pod', 'status'), 0), /studio +[0-9a-f]{12} +lends [\d.]+ [MG]B/);
    const status: unknown = JSON.parse(await ends(here('pod', 'status', '--json'), 0));
    assert.ok(v.is(podStatusSchema, status));

    assert.match(await ends(here('pod', 'plan', calfFile), 0), /studio +.*layer/);
    const answer = await ends(here('ask', '--pod', calfFile, '--temperature', '0', 'Write a function that adds two numbers.'), 0);
    assert.match(answer, /addNumbers/);
    await sharing.shows(/uses this machine: [\d.]+ MB/);
    assert.match(await ends(here('stop'), 0), /has ended/);
    await sharing.shows(/no longer uses this machine/);

    assert.match(await ends(here('pod', 'unpair', 'studio'), 0), /no longer paired/);
    assert.equal(await sharing.interrupt(), 0);
  });

  it('Ctrl+C stops sharing and leaves no process', async () => {
    const sharing = there('pod', 'share', '--cpu');
    await sharing.shows(/is shared as/);
    assert.notEqual(processesOf(String(network().machine(2).env['SEEKPOD_RUNTIME_DIR'])).length, 0);
    assert.equal(await sharing.interrupt(), 0);
    await until(() => processesOf(String(network().machine(2).env['SEEKPOD_RUNTIME_DIR'])).length === 0);
    assert.deepEqual(await network().machine(2).listening(), []);
  });

  it('a port that another program uses is said in words, with exit code 1', async () => {
    const machine = network().machine(2);
    const other = machine.run(process.execPath, ['-e', "require('node:net').createServer().listen(4500, '0.0.0.0', () => console.log('up'))"]);
    assert.ok(other.stdout);
    await once(other.stdout, 'data');
    assert.match(await ends(there('pod', 'share', '--cpu', '--port', '4500'), 1), /port 4500/);
    other.kill('SIGKILL');
    await once(other, 'close');
  });

  it('a machine is added by its address and found by its fingerprint', async () => {
    const sharing = there('pod', 'share', '--cpu', '--name', 'hidden', '--port', '4600');
    await sharing.shows(/on port 4600/);
    const text = await ends(here('pod', 'add', `${network().machine(2).address}:4600`), 0);
    assert.match(text, /Added hidden, fingerprint [0-9a-f]{64}/);
    assert.equal(await sharing.interrupt(), 0);
  });

  it('an address where nobody is says so, with exit code 1', async () => {
    assert.match(await ends(here('pod', 'add', `${network().machine(2).address}:4999`), 1), /cannot be reached/);
  });

  it('a machine that nobody knows is not paired with', async () => {
    assert.match(await ends(here('pod', 'pair', 'nobody'), 1), /No machine nobody is known/);
  });

  it('the doctor says what is in order', async () => {
    const doctor = here('pod', 'doctor');
    await doctor.closed;
    assert.match(doctor.text, /✓ .*library/);
  });
});
