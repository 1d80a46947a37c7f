import assert from 'node:assert/strict';
import os from 'node:os';
import { currentEnginePaths } from '../../../src/engine/client/connectEngine.js';

describe('paths of the daemon of the present user', () => {
  it('a user without a name has some, where users have numbers', () => {
    const userInfo = os.userInfo;
    // As it does in a container whose user is not in its list.
    os.userInfo = () => {
      throw new Error('uv_os_get_passwd returned ENOENT');
    };
    try {
      if (process.getuid !== undefined) assert.notEqual(currentEnginePaths({}).socket, '');
    } finally {
      os.userInfo = userInfo;
    }
  });
});
