// The way into a VS Code in the browser that asks for a password: an address with a key, which logs the browser in.
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';

/**
 * What one VS Code in the browser is locked with. `hash` is what its server knows, and what its cookie holds.
 * @returns {{ password: string, hash: string }}
 */
export function createLock() {
  const password = randomBytes(16).toString('hex');
  return { password, hash: createHash('sha256').update(password).digest('hex') };
}

/**
 * Listens on a loopback port. Who comes with the password as the path gets the cookie and is sent on; everybody else gets nothing.
 * @param {{ lock: { password: string, hash: string }, cookie: string, target: string }} options `cookie` is the name that the server reads
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export function openDoor({ lock, cookie, target }) {
  const server = http.createServer((request, response) => {
    if (request.url === `/${lock.password}`) {
      response.writeHead(302, { location: target, 'set-cookie': `${cookie}=${lock.hash}; Path=/; HttpOnly; SameSite=Lax`, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    } else {
      response.writeHead(404);
    }
    response.end();
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve({
        url: `http://127.0.0.1:${server.address().port}/${lock.password}`,
        close() {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}
