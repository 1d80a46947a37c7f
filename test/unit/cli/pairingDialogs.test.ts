import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { LineReader } from '../../../src/cli/lineReader.js';
import { PairingDialogs } from '../../../src/cli/pairingDialogs.js';
import { Emitter } from '../../../src/engine/base/event.js';
import type { PodClient } from '../../../src/engine/client/podClient.js';
import type { Pairing, PodStatus } from '../../../src/engine/protocol/podTypes.js';
import { checkLeaks } from '../../support/leaks.js';
import { podStatus, studioKey } from './podStatusFixture.js';

const pairing: Pairing = { id: 'p1', name: 'studio', fingerprint: studioKey, side: 'asked', digits: '012345', state: 'compare', expiresAt: 0 };

describe('the pairing dialog of a terminal', () => {
  const home = checkLeaks();

  function open() {
    const input = new PassThrough();
    const heard = new Emitter<PodStatus | null>();
    const verdicts: [string, boolean][] = [];
    let text = '';
    const pod = {
      status: null as PodStatus | null,
      onStatus: heard.event,
      confirmPairing: async (id: string, equal: boolean) => void verdicts.push([id, equal]),
    };
    const lines = new LineReader(input);
    const dialogs = new PairingDialogs(pod as Partial<PodClient> as PodClient, { write: (part: string) => (text += part) }, lines, ({ side }) => side === 'asked');
    home.atEnd(() => {
      dialogs.dispose();
      lines.dispose();
      input.destroy();
    });
    return {
      verdicts,
      text: () => text,
      pairings(...pairings: Pairing[]): void {
        pod.status = podStatus({ pairings });
        heard.fire(pod.status);
      },
      async type(line: string): Promise<void> {
        input.write(line);
        await new Promise((resolve) => setImmediate(resolve));
        await new Promise((resolve) => setImmediate(resolve));
      },
      async endOfInput(): Promise<void> {
        input.end();
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
    };
  }

  it('shows the digits in two groups, and yes confirms', async () => {
    const dialog = open();
    dialog.pairings(pairing);
    assert.match(dialog.text(), /studio asks to be paired.*\nDo both screens show 012 345\? \[y\/N\] $/);
    await dialog.type('y\n');
    assert.deepEqual(dialog.verdicts, [['p1', true]]);
  });

  for (const answer of ['\n', 'n\n', 'maybe\n', '012345\n']) {
    it(`${JSON.stringify(answer)} does not confirm`, async () => {
      const dialog = open();
      dialog.pairings(pairing);
      await dialog.type(answer);
      assert.deepEqual(dialog.verdicts, [['p1', false]]);
    });
  }

  it('the end of the input does not confirm, and says what is missing', async () => {
    const dialog = open();
    dialog.pairings(pairing);
    await dialog.endOfInput();
    assert.deepEqual(dialog.verdicts, [['p1', false]]);
    assert.match(dialog.text(), /no input: run it in a terminal/);
  });

  it('a line typed before the question does not answer it', async () => {
    const dialog = open();
    await dialog.type('y\n');
    dialog.pairings(pairing);
    await dialog.type('');
    assert.deepEqual(dialog.verdicts, []);
  });

  it('a pairing that ends is no longer asked about, and the next one is', async () => {
    const dialog = open();
    dialog.pairings(pairing);
    dialog.pairings();
    await dialog.type('');
    assert.match(dialog.text(), /pairing with studio has ended/);
    dialog.pairings({ ...pairing, id: 'p2', digits: '999999' });
    await dialog.type('y\n');
    assert.deepEqual(dialog.verdicts, [['p2', true]]);
  });

  it('two pairings are asked about one after the other', async () => {
    const dialog = open();
    const other: Pairing = { ...pairing, id: 'p2', name: 'mini', digits: '999999' };
    dialog.pairings(pairing, other);
    assert.doesNotMatch(dialog.text(), /999 999/);
    await dialog.type('y\n');
    assert.match(dialog.text(), /999 999/);
    await dialog.type('n\n');
    assert.deepEqual(dialog.verdicts, [['p1', true], ['p2', false]]);
  });

  it('does not ask about pairings of others', () => {
    const dialog = open();
    dialog.pairings({ ...pairing, side: 'asking' });
    assert.equal(dialog.text(), '');
  });
});
