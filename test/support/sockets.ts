/** A socket that waits for peers. */
export interface Listening {
  readonly protocol: 'tcp' | 'udp';
  /** IP address, `*` for all of both families. */
  readonly address: string;
  readonly port: number;
  readonly process: string | null;
  readonly pid: number | null;
}

/** Parses what `ss -H -tulnp` writes: protocol, state, two queues, local and peer address, processes. */
export function parseListening(text: string): Listening[] {
  return text.split('\n').flatMap((line) => {
    const [protocol, , , , local, , users] = line.trim().split(/\s+/);
    if ((protocol !== 'tcp' && protocol !== 'udp') || local === undefined) return [];
    const end = local.lastIndexOf(':');
    const owner = /\("([^"]*)",pid=(\d+)/.exec(users ?? '');
    return [{
      protocol,
      // `[::1]` and `127.0.0.1%lo` are addresses with decoration.
      address: local.slice(0, end).replaceAll(/[[\]]|%.*$/g, ''),
      port: Number(local.slice(end + 1)),
      process: owner?.[1] ?? null,
      pid: owner?.[2] === undefined ? null : Number(owner[2]),
    }];
  });
}

/** Whether an address is reached from this machine alone. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
