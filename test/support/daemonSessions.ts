import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { DaemonSession } from '../../src/engine/client/daemonSession.js';
import type { Sessions } from '../../src/engine/client/daemonPodClient.js';
import { DaemonEnd } from './daemonEnd.js';
import type { TestHome } from './leaks.js';

/** A part of the engine's client that is told of its daemons. */
interface Attached {
  attach(session: DaemonSession): Promise<void>;
  lost(): void;
  dispose(): void;
}

interface OpenSession {
  readonly daemon: DaemonEnd;
  readonly session: DaemonSession;
}

/** A connection to a daemon, before the greeting. */
export function openSession(home: TestHome): OpenSession {
  const daemon = new DaemonEnd();
  const session = new DaemonSession(daemon.client, new Logger(nullLogSink, 'test'));
  home.atEnd(() => daemon.connection.dispose());
  home.atEnd(() => session.dispose());
  return { daemon, session };
}

/** Sessions of one client with a daemon, and with the next one when that is gone. */
export class DaemonSessions implements Sessions {
  /** How often the client asked for a daemon. */
  connects = 0;
  #current: OpenSession | null = null;
  #present: Promise<DaemonSession> | null = null;
  #client: Attached | null = null;

  constructor(private readonly home: TestHome) {}

  get daemon(): DaemonEnd {
    return this.#now.daemon;
  }

  get session(): DaemonSession {
    return this.#now.session;
  }

  /** From now on the client has a daemon, until the end of the test. */
  async serve(client: Attached): Promise<void> {
    this.#client = client;
    this.home.atEnd(() => client.dispose());
    this.#present = this.#open();
    await this.#present;
  }

  connected(): Promise<DaemonSession> {
    this.connects++;
    return (this.#present ??= this.#open());
  }

  present(): Promise<DaemonSession> | null {
    return this.#present;
  }

  get #now(): OpenSession {
    if (this.#current === null) throw new Error('there is no daemon yet');
    return this.#current;
  }

  async #open(): Promise<DaemonSession> {
    this.#current = openSession(this.home);
    const { session } = this.#current;
    await session.hello('test', '1.2.3', new AbortController().signal);
    session.onClosed(() => {
      this.#present = null;
      this.#client?.lost();
    });
    await this.#client?.attach(session);
    return session;
  }
}
