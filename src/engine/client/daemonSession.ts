import type { MessageConnection } from 'vscode-jsonrpc';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { EngineError } from '../base/errors.js';
import { type Event, Emitter } from '../base/event.js';
import type { Logger, LogRecord } from '../base/logger.js';
import { daemonProtocolVersion, type HelloResult, helloRequest, logNotification, shutdownRequest, statusNotification } from '../protocol/daemonMessages.js';
import type { EngineStatus } from '../protocol/engineTypes.js';
import { wireLimits } from '../protocol/frameGuard.js';
import { type ByteStreams, connectStreams } from '../protocol/streamConnection.js';
import { call, listen } from '../protocol/wire.js';

/** One connection to the daemon, from the socket to its end. */
export class DaemonSession implements Disposable {
  readonly #store = new DisposableStore();
  readonly #status = this.#store.add(new Emitter<EngineStatus>());
  readonly #records = this.#store.add(new Emitter<LogRecord>());
  readonly #closed = this.#store.add(new Emitter<void>());
  #lastStatus: EngineStatus | null = null;
  readonly connection: MessageConnection;
  readonly onStatus: Event<EngineStatus> = this.#status.event;
  readonly onRecord: Event<LogRecord> = this.#records.event;
  /** Fires once, unless the session is disposed first. */
  readonly onClosed: Event<void> = this.#closed.event;

  constructor(streams: ByteStreams, log: Logger) {
    this.#store.add(toDisposable(() => streams.close()));
    const { connection } = connectStreams({
      streams,
      limits: wireLimits,
      onInvalid: (failure) => log.warn(`message of the daemon dropped: ${failure.code}`),
      onBroken: (failure) => {
        log.error(`connection to the daemon given up: ${failure.code}`);
        streams.close();
      },
    });
    this.connection = this.#store.add(connection);
    const dropped = (): void => log.warn('notification of the daemon dropped: it is not valid');
    this.#store.add(listen(connection, statusNotification, (status) => {
      this.#lastStatus = status;
      this.#status.fire(status);
    }, dropped));
    this.#store.add(listen(connection, logNotification, (record) => this.#records.fire(record), dropped));
    // Disposing rejects the open requests, which a closed connection alone does not.
    connection.onClose(() => {
      this.#closed.fire();
      this.dispose();
    });
    connection.listen();
  }

  /** What the daemon last said; it says so right after the greeting. */
  get status(): EngineStatus | null {
    return this.#lastStatus;
  }

  /** @throws EngineError `versionMismatch`, `connectionLost` */
  async hello(clientName: string, clientVersion: string, signal: AbortSignal): Promise<HelloResult> {
    const hello = await call(this.connection, helloRequest, { protocolVersion: daemonProtocolVersion, clientName, clientVersion }, signal);
    if (hello.protocolVersion !== daemonProtocolVersion) {
      throw new EngineError({ code: 'versionMismatch', daemonVersion: hello.daemonVersion, clientVersion });
    }
    return hello;
  }

  /** Asks the daemon to end; `false` when other clients need it. @throws EngineError `cancelled` */
  async shutdown(signal: AbortSignal): Promise<boolean> {
    try {
      return await call(this.connection, shutdownRequest, null, signal);
    } catch (error) {
      // It may be gone before its answer is heard; with other clients it would have stayed.
      if (!EngineError.is(error, 'connectionLost') || signal.aborted) throw error;
      return true;
    }
  }

  dispose(): void {
    this.#store.dispose();
  }
}
