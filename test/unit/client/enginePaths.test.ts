import assert from 'node:assert/strict';
import path from 'node:path';
import { enginePaths, type PathFacts } from '../../../src/engine/client/enginePaths.js';
import { isNewer } from '../../../src/engine/client/openSession.js';

const linux: PathFacts = { platform: 'linux', env: {}, temporaryDirectory: '/tmp', homeDirectory: '/home/ada', userName: 'ada', uid: 1_000 };
const mac: PathFacts = { ...linux, platform: 'darwin', temporaryDirectory: '/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T', homeDirectory: '/Users/ada', uid: 501 };
const windows: PathFacts = { ...linux, platform: 'win32', homeDirectory: 'C:\\Users\\ada', env: { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' }, uid: null };

describe('paths of the daemon', () => {
  it('Linux uses the runtime directory of the session and the state directory', () => {
    assert.deepEqual(enginePaths({ ...linux, env: { XDG_RUNTIME_DIR: '/run/user/1000', XDG_STATE_HOME: '/home/ada/.state' } }), {
      runtimeDirectory: '/run/user/1000/seekpod',
      socket: '/run/user/1000/seekpod/daemon.sock',
      stateDirectory: '/home/ada/.state/seekpod',
      logFile: '/home/ada/.state/seekpod/daemon.log',
    });
  });

  it('without valid ones there is a folder of the user below the temporary one', () => {
    for (const env of [{}, { XDG_RUNTIME_DIR: '', XDG_STATE_HOME: '' }, { XDG_RUNTIME_DIR: 'run', XDG_STATE_HOME: './state' }]) {
      const paths = enginePaths({ ...linux, env });
      assert.equal(paths.socket, '/tmp/seekpod-1000/daemon.sock');
      assert.equal(paths.stateDirectory, '/home/ada/.local/state/seekpod');
    }
  });

  it('macOS fits into the 103 bytes of a socket path', () => {
    const paths = enginePaths(mac);
    assert.equal(paths.runtimeDirectory, `${mac.temporaryDirectory}/seekpod-501`);
    assert.ok(Buffer.byteLength(paths.socket) <= 103);
    assert.equal(paths.stateDirectory, '/Users/ada/Library/Application Support/Seekpod');
  });

  it('a directory that is too long for a socket gets a short stand-in of its own', () => {
    const long = (name: string) => enginePaths({ ...mac, temporaryDirectory: `/${name.repeat(120)}` });
    assert.ok(Buffer.byteLength(long('a').socket) <= 103);
    assert.notEqual(long('a').socket, long('b').socket);
    assert.equal(long('a').socket, long('a').socket);
  });

  it('bytes count, not characters', () => {
    const { socket } = enginePaths({ ...linux, temporaryDirectory: `/${'ü'.repeat(50)}` });
    assert.ok(Buffer.byteLength(socket) <= 103);
  });

  it('Windows has a pipe per user', () => {
    const { socket, runtimeDirectory, logFile } = enginePaths(windows);
    assert.match(socket, /^\\\\\.\\pipe\\seekpod-[0-9a-f]{12}$/);
    assert.notEqual(socket, enginePaths({ ...windows, userName: 'bob' }).socket);
    assert.equal(runtimeDirectory, 'C:\\Users\\ada\\AppData\\Local\\Seekpod\\run');
    assert.equal(logFile, 'C:\\Users\\ada\\AppData\\Local\\Seekpod\\state\\daemon.log');
  });

  it('a relative directory is one of the folder where it was said', () => {
    const paths = enginePaths({ ...linux, env: { SEEKPOD_RUNTIME_DIR: 'run', SEEKPOD_STATE_DIR: './state' } });
    assert.equal(paths.socket, path.posix.resolve('run/daemon.sock'));
    assert.equal(paths.logFile, path.posix.resolve('state/daemon.log'));
  });

  it('the directory of a test comes before all others and holds its state too', () => {
    for (const facts of [linux, mac]) {
      const paths = enginePaths({ ...facts, env: { SEEKPOD_RUNTIME_DIR: '/tmp/test-1', XDG_RUNTIME_DIR: '/run/user/1000', XDG_STATE_HOME: '/state' } });
      assert.equal(paths.socket, '/tmp/test-1/daemon.sock');
      assert.equal(paths.stateDirectory, '/tmp/test-1/state');
    }
    assert.equal(enginePaths({ ...linux, env: { SEEKPOD_RUNTIME_DIR: '/tmp/a', SEEKPOD_STATE_DIR: '/tmp/b' } }).stateDirectory, '/tmp/b');
  });
});

describe('version order', () => {
  for (const [version, than, expected] of [['0.10.0', '0.9.0', true], ['1.0.0', '1.0.0', false], ['0.9.9', '1.0.0', false], ['2.0.0', '10.0.0', false]] as const) {
    it(`${version} is ${expected ? '' : 'not '}newer than ${than}`, () => assert.equal(isNewer(version, than), expected));
  }
});
