import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { currentEnginePaths } from '../../src/engine/client/connectEngine.js';
import { diskFullExitCode } from '../../src/engine/protocol/daemonMessages.js';
import { checkLeaks } from '../support/leaks.js';
import { processesOf } from '../support/leftovers.mjs';
import { chat, failsWith, fakeModel, fakeWorkerFile, isAlive, openClient, optionsFor, until, workerPid } from '../support/testClient.js';

const worker = fakeWorkerFile;

describe('daemon: start, share and end', () => {
  const home = checkLeaks();
  const daemons = () => processesOf(home.runtimeDirectory).filter(({ command }) => command.includes('daemon.cjs'));

  it('nothing starts before the first call that needs it', async () => {
    const { client, launches } = openClient(home, { worker });
    await client.configure(optionsFor(fakeModel('ok'), { completion: null }));
    assert.deepEqual(client.status, { completion: { state: 'off' }, chat: { state: 'unloaded' } });
    assert.equal(launches(), 0);
    assert.deepEqual(processesOf(home.runtimeDirectory), []);
  });

  it('two clients share one daemon, one worker and the options', async () => {
    const first = openClient(home, { worker });
    await first.client.configure(optionsFor(fakeModel('ok')));
    await first.client.load('chat', new AbortController().signal);
    const second = openClient(home, { worker, configure: 'ifUnset' });
    await second.client.configure(optionsFor(fakeModel('bad-file')));
    assert.equal((await chat(second.client, 'Why?', { maxTokens: 3 })).text, '0 1 2 ');
    assert.equal(second.launches(), 0);
    const facts = await second.client.diagnostics();
    assert.equal(facts.clients, 2);
    assert.equal(facts.workers.length, 1);
    assert.equal(daemons().length, 1);
  });

  it('eight clients that start at once reach the same daemon', async () => {
    const clients = Array.from({ length: 8 }, () => openClient(home, { worker }).client);
    const pids = await Promise.all(clients.map(async (client) => (await client.diagnostics()).pid));
    assert.equal(new Set(pids).size, 1);
    await until(() => daemons().length === 1);
    for (const client of clients) await client.configure(optionsFor(fakeModel('ok')));
  });

  it('only this user can open the socket', async () => {
    const { client } = openClient(home, { worker });
    await client.configure(optionsFor(fakeModel('ok')));
    await client.diagnostics();
    const { socket, runtimeDirectory, logFile } = currentEnginePaths(home.env);
    assert.equal(fs.statSync(runtimeDirectory).mode & 0o777, 0o700);
    assert.equal(fs.statSync(socket).mode & 0o777, 0o600);
    assert.equal(fs.statSync(logFile).mode & 0o777, 0o600);
  });

  it('a directory that others may enter is refused', async () => {
    fs.chmodSync(home.runtimeDirectory, 0o755);
    const { client } = openClient(home, { worker });
    await assert.rejects(client.diagnostics(), failsWith('daemonUnavailable'));
  });

  it('a socket that a dead daemon left behind is replaced', async () => {
    const { socket } = currentEnginePaths(home.env);
    // Killed, so that nobody tidies up.
    const dead = spawn(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`]);
    await once(dead, 'exit');
    assert.ok(fs.existsSync(socket));
    const { client } = openClient(home, { worker });
    await client.configure(optionsFor(fakeModel('ok')));
    assert.equal((await client.diagnostics()).clients, 1);
  });

  it('a lock of a dead process is replaced', async () => {
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    fs.writeFileSync(path.join(home.runtimeDirectory, 'daemon.lock'), JSON.stringify({ pid: dead.pid, nonce: 'old' }));
    const { client } = openClient(home, { worker });
    await client.configure(optionsFor(fakeModel('ok')));
    assert.equal((await client.diagnostics()).clients, 1);
  });

  it('a lock whose process id belongs to another program now is replaced', async () => {
    fs.writeFileSync(path.join(home.runtimeDirectory, 'daemon.lock'), JSON.stringify({ pid: process.pid, nonce: 'old' }));
    const { client } = openClient(home, { worker });
    await client.configure(optionsFor(fakeModel('ok')));
    assert.equal((await client.diagnostics()).clients, 1);
  });

  it('a damaged lock is replaced', async () => {
    fs.writeFileSync(path.join(home.runtimeDirectory, 'daemon.lock'), 'not a lock');
    const { client } = openClient(home, { worker });
    await client.configure(optionsFor(fakeModel('ok')));
    assert.equal((await client.diagnostics()).clients, 1);
  });

  it('the daemon ends by itself after its last client and leaves neither worker nor files', async () => {
    const { client } = openClient(home, { worker });
    await client.configure(optionsFor(fakeModel('ok')));
    await chat(client, 'Why?', { maxTokens: 1 });
    const pid = await workerPid(client);
    assert.ok(pid !== null && isAlive(pid));
    client.dispose();
    await until(() => processesOf(home.runtimeDirectory).length === 0);
    assert.deepEqual(fs.readdirSync(home.runtimeDirectory), ['state']);
  });

  it('the daemon is ended by its only client, not while another uses it', async () => {
    const first = openClient(home, { worker }).client;
    const second = openClient(home, { worker }).client;
    const { pid } = await first.diagnostics();
    await second.diagnostics();
    assert.equal(await first.shutdown(), false);
    assert.ok(isAlive(pid));
    second.dispose();
    await until(async () => (await first.diagnostics()).clients === 1);
    assert.equal(await first.shutdown(), true);
    await until(() => !isAlive(pid));
  });

  it('a daemon that is killed costs a typed error, and the next call has a new one', async () => {
    const { client, launches } = openClient(home, { worker });
    await client.configure(optionsFor(fakeModel('slow-3')));
    const { pid } = await client.diagnostics();
    let kept = '';
    const answer = chat(client, 'Why?', {
      onEvent: (_event, text) => {
        kept = text;
        if (text === '0 1 2 ') process.kill(pid, 'SIGKILL');
      },
    });
    await assert.rejects(answer, failsWith('connectionLost'));
    assert.equal(kept, '0 1 2 ');
    assert.deepEqual(client.status.chat, { state: 'unloaded' });
    await until(() => processesOf(home.runtimeDirectory).length === 0);
    assert.equal((await chat(client, 'Why?', { maxTokens: 2 })).text, '0 1 ');
    assert.equal(launches(), 2);
  });

  it('a newer client replaces a daemon that nobody else uses', async () => {
    const older = openClient(home, { worker });
    const { pid } = await older.client.diagnostics();
    older.client.dispose();
    const newer = openClient(home, { worker, version: '999.0.0' });
    const facts = await newer.client.diagnostics();
    assert.notEqual(facts.pid, pid);
    assert.equal(newer.launches(), 1);
    await newer.client.configure(optionsFor(fakeModel('ok')));
  });

  it('several newer clients at once have one daemon in the end', async () => {
    const older = openClient(home, { worker });
    const { pid } = await older.client.diagnostics();
    older.client.dispose();
    const newer = Array.from({ length: 4 }, () => openClient(home, { worker, version: '999.0.0' }).client);
    const pids = await Promise.all(newer.map(async (client) => (await client.diagnostics()).pid));
    assert.equal(new Set(pids).size, 1);
    assert.ok(!pids.includes(pid) || isAlive(pid));
    for (const client of newer) await client.configure(optionsFor(fakeModel('ok')));
  });

  it('a newer client shares an older daemon of its protocol that others use', async () => {
    const older = openClient(home, { worker }).client;
    const { pid } = await older.diagnostics();
    await older.configure(optionsFor(fakeModel('ok')));
    const newer = openClient(home, { worker, version: '999.0.0' });
    assert.equal((await newer.client.diagnostics()).pid, pid);
    assert.equal(newer.launches(), 0);
  });

  it('a daemon that cannot be started is a typed error with its reason', async () => {
    const { client } = openClient(home, { worker });
    fs.mkdirSync(path.join(home.runtimeDirectory, 'daemon.lock'));
    await assert.rejects(client.diagnostics(), failsWith('daemonUnavailable'));
  });

  it('a Node that cannot be started is named, and the next start asks for it anew', async () => {
    let nodePath = '/nowhere/node';
    const { client } = openClient(home, { worker, nodePath: () => nodePath });
    await assert.rejects(client.diagnostics(), failsWith('nodeUnavailable'));
    nodePath = process.execPath;
    assert.ok((await client.diagnostics()).pid > 0);
  });

  it('a log that cannot be opened is a typed error with its reason', async () => {
    const { client } = openClient(home, { worker });
    fs.mkdirSync(currentEnginePaths(home.env).logFile, { recursive: true });
    fs.chmodSync(currentEnginePaths(home.env).stateDirectory, 0o700);
    await assert.rejects(client.diagnostics(), failsWith('daemonUnavailable'));
  });

  it('a daemon that has no room for its lock is a typed error of its own', async () => {
    const daemon = path.join(home.runtimeDirectory, 'full.cjs');
    fs.writeFileSync(daemon, `process.exit(${diskFullExitCode})`);
    const { client } = openClient(home, { daemon });
    await assert.rejects(client.diagnostics(), failsWith('diskFull'));
  });

  it('garbage on the socket costs the daemon nothing', async () => {
    const { client } = openClient(home, { worker });
    await client.configure(optionsFor(fakeModel('ok')));
    const { pid } = await client.diagnostics();
    const { socket } = currentEnginePaths(home.env);
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', 'Content-Length: 999999999999\r\n\r\n', '\u0000'.repeat(100_000), 'Content-Length: 5\r\n\r\nhello']) {
      const stranger = net.connect(socket);
      stranger.on('error', () => undefined);
      stranger.end(bytes);
      stranger.resume();
      await once(stranger, 'close');
    }
    assert.equal((await chat(client, 'Why?', { maxTokens: 2 })).text, '0 1 ');
    assert.equal((await client.diagnostics()).pid, pid);
  });
});
