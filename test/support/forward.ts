import net from 'node:net';

export interface Forward {
  /** On this machine's loopback. */
  readonly port: number;
  close(): void;
}

/** Forwards a free loopback port to a Unix socket, which may be served in another network namespace. */
export async function forwardToSocket(path: string): Promise<Forward> {
  const open = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect(path);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.once('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
