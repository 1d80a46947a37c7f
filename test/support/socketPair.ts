import { once } from 'node:events';
import net from 'node:net';
import type { TestHome } from './leaks.js';

/** Two sockets of loopback that are connected to each other. */
export async function socketPair(home: TestHome): Promise<readonly [net.Socket, net.Socket]> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const near = net.connect(port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [net.Socket];
  server.close();
  home.atEnd(() => {
    near.destroy();
    far.destroy();
  });
  return [near, far];
}
