import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Emitter } from '../../../src/engine/base/event.js';
import { Logger } from '../../../src/engine/base/logger.js';
import { LastFocus } from '../../../src/host/lastFocus.js';
import { checkLeaks } from '../../support/leaks.js';

describe('the window that the user was in last', () => {
  const home = checkLeaks();
  const file = (): string => path.join(home.runtimeDirectory, 'storage', 'lastFocus');

  function open(focused = false) {
    const changed = new Emitter<boolean>();
    const window = { focused, onChange: changed.event };
    const last = new LastFocus(file(), window, new Logger({ write: () => undefined }, 'test'));
    home.atEnd(() => last.dispose());
    return {
      last,
      async focus(is: boolean) {
        window.focused = is;
        changed.fire(is);
        await last.isHere();
        // What it has written is on the disk when it has been read once more.
        window.focused = false;
        await last.isHere();
        window.focused = is;
      },
    };
  }
  const here = (...windows: readonly ReturnType<typeof open>[]): Promise<boolean[]> => Promise.all(windows.map(({ last }) => last.isHere()));

  it('is the one that has the focus', async () => {
    const [a, b] = [open(), open()];
    await b.focus(true);
    assert.deepEqual(await here(a, b), [false, true]);
  });

  it('is the one that had it, when none has it', async () => {
    const [a, b] = [open(), open()];
    await a.focus(true);
    await a.focus(false);
    await b.focus(true);
    await b.focus(false);
    assert.deepEqual(await here(a, b), [false, true]);
    await a.focus(true);
    await a.focus(false);
    assert.deepEqual(await here(a, b), [true, false]);
  });

  it('is one that was opened with the focus', async () => {
    const a = open(true);
    const b = open();
    await here(a, b);
    await a.focus(false);
    assert.deepEqual(await here(a, b), [true, false]);
  });

  it('can be any when none has had it, and when the one that had it is closed', async () => {
    const [a, b] = [open(), open()];
    assert.deepEqual(await here(a, b), [true, true]);
    await b.focus(true);
    await b.focus(false);
    b.last.dispose();
    assert.equal(fs.existsSync(file()), false);
    assert.deepEqual(await here(a), [true]);
  });
});
