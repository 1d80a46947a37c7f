import { delay, linkSignals, throwIfAborted } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore } from '../base/disposable.js';
import { EngineError, failureOf } from '../base/errors.js';
import { LingeringHold } from '../base/lingeringHold.js';
import type { Logger } from '../base/logger.js';
import type { FileFinder, RangeSource } from '../models/fetch/rangeSource.js';
import { mostAnswerBytes } from './core/files/fileWire.js';
import { isLasting } from './core/state/machineProblem.js';
import { isOnItsWay } from './core/state/onItsWay.js';
import type { MachineState, PodState } from './core/state/podState.js';
import { askForFile, type FilePart } from './net/files/askForFile.js';
import type { PeerStream } from './net/peers/peerStream.js';

export interface PodFilesOptions {
  /** Whether any machine is paired; opens no connection. */
  anyPaired(): Promise<boolean>;
  /** Connects to the paired machines and stays so until it is disposed. */
  keepInTouch(): Promise<Disposable>;
  state(): PodState;
  /** A new `file` connection to a machine that is connected. */
  open(fingerprint: string, signal: AbortSignal): Promise<PeerStream>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long paired machines may take to be connected and measured, and to say whether they have a file, in milliseconds. */
const connectLimitMs = 3_000;
const askLimitMs = 3_000;
const lookMs = 50;
/** How long a machine that leaves in the middle is waited for, and how often it is asked again, in milliseconds. */
export const awayLimitMs = 30_000;
const againMs = 500;
/** After a piece the next one comes soon: the connections stay for so long. */
export const lingerMs = 5_000;

/** Finds and reads model files of the paired machines, by their checksums. Nothing is connected while nobody reads. */
export class PodFiles implements FileFinder, Disposable {
  readonly #store = new DisposableStore();
  readonly #touch: LingeringHold<Disposable>;

  constructor(private readonly options: PodFilesOptions) {
    this.#touch = this.#store.add(new LingeringHold(options.clock, lingerMs, () => options.keepInTouch()));
  }

  async find(sha256: string, bytes: number | null, signal: AbortSignal): Promise<readonly RangeSource[]> {
    const { anyPaired, state, log } = this.options;
    try {
      if (!(await anyPaired())) return [];
      const using = await this.#touch.use(signal);
      try {
        // Nothing is known of where a machine without addresses is: it is off, or elsewhere.
        await this.#settled(() => ![...state().machines.values()].some((machine) => machine.addresses.length > 0 && isOnItsWay(state(), machine)), signal);
        const asked = [...state().machines.values()].filter(({ paired, connected }) => paired && connected).toSorted((a, b) => speedOf(b) - speedOf(a));
        const sizes = await Promise.all(asked.map(({ fingerprint, name }) => this.#sizeAt({ fingerprint, name, sha256, bytes }, signal)));
        return asked.flatMap(({ fingerprint, name }, index) => {
          const size = sizes[index] ?? null;
          return size === null ? [] : [this.#source({ fingerprint, name, sha256, bytes: size })];
        });
      } finally {
        using.dispose();
      }
    } catch (error) {
      log.debug(`looking for a file: ${JSON.stringify(failureOf(error))}`);
      return [];
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Bytes of the file on a machine; `null` where it is not given. */
  async #sizeAt(file: RemoteFile, signal: AbortSignal): Promise<number | null> {
    const { clock, log } = this.options;
    const limit = linkSignals(signal);
    const timer = clock.setTimeout(() => limit.abort(), askLimitMs);
    try {
      const { fileBytes, content } = await this.#ask(file, 0, 0, limit.signal);
      for await (const _ of content);
      return fileBytes;
    } catch (error) {
      log.debug(`${file.name} does not give a file: ${JSON.stringify(failureOf(error))}`);
      return null;
    } finally {
      timer.dispose();
      limit.dispose();
    }
  }

  #source(file: RemoteFile & { readonly bytes: number }): RangeSource {
    const { name: from, bytes } = file;
    return { from, bytes, ranges: true, read: (offset, length, signal) => this.#read(file, { at: offset, end: Math.min(offset + length, bytes) }, signal) };
  }

  /** Goes on after losses of the connection until the machine has been away for too long. */
  async *#read(file: RemoteFile, { at, end }: { at: number; readonly end: number }, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { clock, state } = this.options;
    const using = await this.#touch.use(signal);
    try {
      let lostAt: number | null = null;
      while (at < end) {
        try {
          await this.#settled(() => isDecided(state().machines.get(file.fingerprint)), signal);
          const { content } = await this.#ask(file, at, Math.min(mostAnswerBytes, end - at), signal);
          for await (const chunk of content) {
            at += chunk.length;
            lostAt = null;
            yield chunk;
          }
        } catch (error) {
          lostAt ??= clock.now();
          const machine = state().machines.get(file.fingerprint);
          if (machine === undefined || !machine.paired) throw new EngineError({ code: 'notPaired', machine: file.name }, { cause: error });
          if (isLasting(machine.problem)) throw new EngineError(machine.problem, { cause: error });
          if (!mayPass(error) || clock.now() - lostAt >= awayLimitMs) throw error;
          await delay(againMs, signal, clock);
        }
      }
    } finally {
      using.dispose();
    }
  }

  async #ask({ fingerprint, name: machine, sha256, bytes }: RemoteFile, offset: number, length: number, signal: AbortSignal): Promise<FilePart> {
    const { open, clock } = this.options;
    try {
      const { socket } = await open(fingerprint, signal);
      return await askForFile(socket, { sha256, offset, length }, { machine, bytes, clock, signal });
    } catch (error) {
      if (!EngineError.is(error, 'connectionLost')) throw error;
      throw new EngineError({ code: 'machineUnreachable', machine, reason: 'it is not connected' }, { cause: error });
    }
  }

  /** Waits until it holds, but not for long. @throws EngineError `cancelled` */
  async #settled(holds: () => boolean, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    for (let waited = 0; waited < connectLimitMs && !holds(); waited += lookMs) await delay(lookMs, signal, this.options.clock);
  }
}

/** A file on a paired machine. */
interface RemoteFile {
  readonly fingerprint: string;
  readonly name: string;
  readonly sha256: string;
  /** What it must have; `null` where that is not known. */
  readonly bytes: number | null;
}

/** Whether what went wrong may be over soon. */
function mayPass(error: unknown): boolean {
  const failure = failureOf(error);
  return failure.code === 'machineUnreachable' || (failure.code === 'fileRefused' && failure.reason === 'busy');
}

/** Whether a machine can be asked now, or waiting for it has no point. */
function isDecided(machine: MachineState | undefined): boolean {
  return machine === undefined || !machine.paired || machine.connected || isLasting(machine.problem);
}

/** Bytes per second; a machine that does not lend its device is not measured, and comes last. */
function speedOf({ link }: MachineState): number {
  return link?.throughput ?? 0;
}
