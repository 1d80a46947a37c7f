import type { Socket } from 'node:net';
import { DisposableStore, type Disposable, toDisposable } from '../../../base/disposable.js';
import { LayerGuard, type GuardRules } from '../../core/guard/layerGuard.js';

/** Bytes that may wait to be written in one direction before the other end is no longer read. A layer server that makes room for a tensor does not read for as long as some megabytes take. */
const mostWaiting = 4 * 1_024 * 1_024;

export interface GuardedPipeOptions {
  readonly client: Socket;
  readonly server: Socket;
  readonly rules: GuardRules;
  /** Why nothing goes through any more, and through whom; called once. What the guard refuses is the fault of the one who sent it. */
  readonly onEnd: (by: 'client' | 'server', reason: string) => void;
  /** Bytes that were let through in one piece. */
  readonly onSent?: (bytes: number) => void;
  readonly onReceived?: (bytes: number) => void;
}

/**
 * Carries ggml's RPC between two sockets through the guard until one of them ends. Disposing it stops the carrying, also of what has been
 * read already; the sockets stay open, paused, and are the caller's to close.
 */
export function guardedPipe({ client, server, rules, onEnd, onSent, onReceived }: GuardedPipeOptions): Disposable {
  const store = new DisposableStore();
  const guard = new LayerGuard(rules, {
    toServer(bytes) {
      onSent?.(bytes.length);
      server.write(bytes);
    },
    toClient(bytes) {
      onReceived?.(bytes.length);
      client.write(bytes);
    },
  });
  store.add(toDisposable(() => guard.release()));

  const end = (by: 'client' | 'server', reason: string): void => {
    if (store.disposed) return;
    store.dispose();
    onEnd(by, reason);
  };
  const full = (socket: Socket): boolean => socket.writableLength >= mostWaiting;
  const carry = (from: Socket, name: 'client' | 'server', inspect: (chunk: Uint8Array) => string | null): void => {
    // Answers of the guard go back to the client, so both directions may fill up.
    const onData = (chunk: Uint8Array): void => {
      const refusal = inspect(chunk);
      if (refusal !== null) end(name, refusal);
      else if (full(client) || full(server)) from.pause();
    };
    const onDrain = (): void => {
      if (!full(client) && !full(server)) from.resume();
    };
    const onClose = (): void => end(name, 'the connection was closed');
    const onError = (error: Error): void => end(name, error.message);
    from.on('data', onData).on('end', onClose).on('close', onClose).on('error', onError);
    client.on('drain', onDrain);
    server.on('drain', onDrain);
    store.add(
      toDisposable(() => {
        from.off('data', onData).off('end', onClose).off('close', onClose).off('error', onError);
        // Errors of a socket that nobody hears would end the process.
        from.on('error', () => undefined);
        from.pause();
        client.off('drain', onDrain);
        server.off('drain', onDrain);
      }),
    );
    from.setNoDelay(true);
    from.resume();
  };
  carry(client, 'client', (chunk) => guard.fromClient(chunk));
  carry(server, 'server', (chunk) => guard.fromServer(chunk));
  return store;
}
