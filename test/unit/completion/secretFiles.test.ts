import assert from 'node:assert/strict';
import { mayHoldSecrets } from '../../../src/engine/completion/secretFiles.js';

describe('mayHoldSecrets', () => {
  for (const path of ['/p/.env', '/p/.env.local', '/p/prod.env', '/home/me/.ssh/id_ed25519', '/p/server.key', '/p/cert.PEM', '/p/.npmrc', '/p/secrets.yaml', '/p/credentials.json', '/p/main.tfvars']) {
    it(`is true for ${path}`, () => assert.equal(mayHoldSecrets(path), true));
  }
  for (const path of ['/p/environment.ts', '/p/env.ts', '/p/keyboard.ts', '/p/secretFiles.ts', '/.env/main.ts', '/p/README.md']) {
    it(`is false for ${path}`, () => assert.equal(mayHoldSecrets(path), false));
  }
});
