import type { TLSSocket } from 'node:tls';
import type { MessageConnection } from 'vscode-jsonrpc';
import { systemClock } from '../../../base/clock.js';
import type { Disposable } from '../../../base/disposable.js';
import type { Failure } from '../../../base/errors.js';
import { Emitter, type Event } from '../../../base/event.js';
import type { Logger } from '../../../base/logger.js';
import { peerLimits } from '../../../protocol/peerMessages.js';
import { connectStreams } from '../../../protocol/streamConnection.js';

/** Messages with another machine. Register handlers, then call `connection.listen()`. Disposing lets what was written go out, then closes the socket. */
export interface PeerChannel extends Disposable {
  readonly connection: MessageConnection;
  /** Fires once: when the connection is gone, whoever ended it, or with the failure as soon as the other end sends what cannot be followed. */
  readonly onClosed: Event<Failure | null>;
}

/** How long the other end may take to read the last words, in milliseconds. */
const endLimitMs = 1_000;
/** Who hangs up has said why in the messages before, and vscode-jsonrpc hands on one in each turn of the loop. */
const lastTurns = 8;
/** A machine that works reads every answer before it asks some more. */
const maxUnread = 256;

/**
 * JSON-RPC over the socket of a connection for `control` or `pair`. Bytes that are none end the connection, after the other end has been told why.
 * @param maxBytes what the other end may send in all
 */
export function openPeerChannel(socket: TLSSocket, log: Logger, maxBytes = Number.POSITIVE_INFINITY): PeerChannel {
  let heard = 0;
  const inspect = (bytes: number, unread: number): Failure | null => {
    heard += bytes;
    if (heard > maxBytes) return { code: 'messageTooLarge', bytes: heard, limit: maxBytes };
    return unread > maxUnread ? { code: 'invalidMessage', method: '', reason: 'more is asked than answers are read' } : null;
  };
  const closed = new Emitter<Failure | null>();
  const giveUp = (failure: Failure): void => {
    log.warn(`connection of ${socket.remoteAddress ?? 'a machine that has gone'} closed: ${failure.code}`);
    dispose();
    over(failure);
  };
  const { connection, flushed } = connectStreams({
    streams: { input: socket, output: socket, close: () => undefined },
    limits: peerLimits,
    inspect,
    onInvalid: giveUp,
    onBroken: giveUp,
  });

  let ending = false;
  const dispose = (): void => {
    if (ending) return;
    ending = true;
    const cut = systemClock.setTimeout(() => socket.destroy(), endLimitMs);
    socket.once('close', () => cut.dispose());
    void farewell();
  };
  const farewell = async (): Promise<void> => {
    // The answer at hand is handed to the writer in this turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    await flushed();
    connection.dispose();
    // Read on until the other end has closed too: closing over unread bytes would reset the connection, and the last words be lost.
    socket.resume();
    socket.end();
  };

  const over = (failure: Failure | null): void => {
    closed.fire(failure);
    closed.dispose();
  };
  const onClose = async (): Promise<void> => {
    ending = true;
    for (let turn = 0; turn < lastTurns; turn++) await new Promise((resolve) => setImmediate(resolve));
    connection.dispose();
    over(null);
  };
  socket.on('error', () => undefined);
  if (socket.closed) setImmediate(() => void onClose());
  else socket.once('close', () => void onClose());
  return { connection, onClosed: closed.event, dispose };
}
