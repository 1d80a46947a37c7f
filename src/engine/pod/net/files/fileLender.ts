import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { whenLate } from '../../../base/async.js';
import type { Clock } from '../../../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../../../base/disposable.js';
import { EngineError, failureOf, type FileRefusal } from '../../../base/errors.js';
import type { Logger } from '../../../base/logger.js';
import { openRegularFile } from '../../../base/regularFile.js';
import { answerBytes, decodeRequest, encodeAnswer, requestBytes } from '../../core/files/fileWire.js';
import type { PeerStream } from '../peers/peerStream.js';
import { readBytes } from '../peers/readBytes.js';

/** A file that paired machines may have. */
export interface SharedFile {
  readonly path: string;
  readonly bytes: number;
}

/** The file with this SHA-256 among those that are given away; `null` for every other. */
export type SharedFiles = (sha256: string) => SharedFile | null;

export interface FileLenderOptions {
  readonly files: SharedFiles;
  /** Whether a paired machine may use this one now. */
  allows(fingerprint: string): boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A download reads several pieces at once. */
export const fileLimits = { perMachine: 16, total: 64 };
/** How long a request may take to come, in milliseconds. */
export const requestLimitMs = 5_000;
/** How long the other end may take nothing of what it asked for, in milliseconds. */
export const stallLimitMs = 30_000;
const readAtOnce = 256 * 1_024;

/** Gives paired machines parts of this machine's model files, each by its checksum. Who asks checks what it gets. */
export class FileLender implements Disposable {
  readonly #store = new DisposableStore();
  /** By fingerprint. */
  readonly #open = new Map<string, Set<Socket>>();

  constructor(private readonly options: FileLenderOptions) {
    this.#store.add(toDisposable(() => [...this.#open.values()].forEach((sockets) => sockets.forEach((socket) => socket.destroy()))));
  }

  /** Takes over a `file` connection of a paired machine. */
  accept({ fingerprint, socket }: PeerStream): void {
    socket.on('error', () => undefined);
    if (this.#store.disposed) {
      socket.destroy();
      return;
    }
    const room = this.#hasRoom(fingerprint);
    const sockets = this.#open.get(fingerprint) ?? new Set();
    this.#open.set(fingerprint, sockets.add(socket));
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    void closed.then(() => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.#open.get(fingerprint) === sockets) this.#open.delete(fingerprint);
    });
    this.#serve({ fingerprint, socket }, room, closed).catch((error: unknown) => {
      this.options.log.debug(`file for ${fingerprint.slice(0, 8)}: ${JSON.stringify(failureOf(error))}`);
      socket.destroy();
    });
  }

  dispose(): void {
    this.#store.dispose();
  }

  #hasRoom(fingerprint: string): boolean {
    const total = [...this.#open.values()].reduce((sum, { size }) => sum + size, 0);
    return total < fileLimits.total && (this.#open.get(fingerprint)?.size ?? 0) < fileLimits.perMachine;
  }

  async #serve({ fingerprint, socket }: PeerStream, room: boolean, closed: Promise<void>): Promise<void> {
    const request = decodeRequest(await this.#within(requestLimitMs, socket, readBytes(socket, requestBytes)));
    const end = async (last: Uint8Array): Promise<void> => {
      // Read on, so that what is unread does not reset the connection before the last words are heard.
      socket.resume().end(last);
      await this.#within(stallLimitMs, socket, closed);
    };
    const refuse = (reason: FileRefusal): Promise<void> => end(encodeAnswer({ kind: 'refused', reason }));
    if (!room) return refuse('busy');
    if (!this.options.allows(fingerprint)) return refuse('notAllowed');
    const file = this.options.files(request.sha256);
    if (file === null) return refuse('unknownFile');
    const handle = await openWhole(file);
    if (handle === null) return refuse('unreadable');
    try {
      const bytes = answerBytes(request, file.bytes);
      socket.resume().write(encodeAnswer({ kind: 'given', fileBytes: file.bytes }));
      if (bytes > 0) {
        const content = handle.createReadStream({ start: request.offset, end: request.offset + bytes - 1, highWaterMark: readAtOnce, autoClose: false });
        for await (const chunk of content) await this.#send(socket, chunk as Uint8Array);
      }
      await end(new Uint8Array());
    } finally {
      await handle.close();
    }
  }

  async #send(socket: Socket, chunk: Uint8Array): Promise<void> {
    if (socket.destroyed) throw new EngineError({ code: 'connectionLost' });
    if (socket.write(chunk)) return;
    const gone = new AbortController();
    const onClose = (): void => gone.abort();
    socket.once('close', onClose);
    try {
      await this.#within(stallLimitMs, socket, once(socket, 'drain', { signal: gone.signal }));
    } finally {
      socket.off('close', onClose);
    }
  }

  /** Closes the connection when the work takes longer than the limit. */
  #within<T>(limitMs: number, socket: Socket, work: Promise<T>): Promise<T> {
    return whenLate(work, limitMs, this.options.clock, () => socket.destroy());
  }
}

/** `null` when the file is not what the list says. */
async function openWhole({ path, bytes }: SharedFile): Promise<FileHandle | null> {
  const opened = await openRegularFile(path).catch(() => null);
  if (opened === null || opened.bytes === bytes) return opened?.handle ?? null;
  await opened.handle.close();
  return null;
}
