import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LogFile } from '../../../src/engine/daemon/logFile.js';

describe('log file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sp-log-'));
    file = path.join(folder, 'daemon.log');
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));
  const open = () => new LogFile(file, 'info', () => new Date(0));

  it('writes a line per record from its level on, for this user alone', () => {
    const log = open();
    log.write({ level: 'debug', source: 'daemon', message: 'text of the user' });
    log.write({ level: 'info', source: 'daemon', message: 'listens' });
    log.write({ level: 'error', source: 'daemon/runtime', message: 'died' });
    assert.equal(fs.readFileSync(file, 'utf8'), '1970-01-01T00:00:00.000Z info daemon: listens\n1970-01-01T00:00:00.000Z error daemon/runtime: died\n');
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  });

  it('never holds more than two files of a mebibyte, over restarts too', () => {
    const message = 'x'.repeat(1_000);
    for (let start = 0; start < 4; start++) {
      const log = open();
      for (let line = 0; line < 1_000; line++) log.write({ level: 'info', source: 'daemon', message });
    }
    assert.deepEqual(fs.readdirSync(folder).sort(), ['daemon.log', 'daemon.log.1']);
    for (const name of fs.readdirSync(folder)) assert.ok(fs.statSync(path.join(folder, name)).size <= 1_024 * 1_024);
  });

  it('a folder that is gone costs the log and nothing else', () => {
    const log = new LogFile(path.join(folder, 'nowhere', 'daemon.log'), 'info', () => new Date(0));
    assert.doesNotThrow(() => log.write({ level: 'error', source: 'daemon', message: 'died' }));
  });
});
