import { delay, linkSignals, throwIfAborted } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { EngineError, failureOf } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { FileFinder, RangeSource } from '../models/fetch/rangeSource.js';
import { mostAnswerBytes } from './core/files/fileWire.js';
import { whyNotLent } from './core/state/machineProblem.js';
import type { MachineState, PodState } from './core/state/podState.js';
import { askForFile } from './net/files/askForFile.js';
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
/** After a piece the next one comes soon: the connections stay for so long. */
const lingerMs = 5_000;

/** Finds and reads model files of the paired machines, by their checksums. Nothing is connected while nobody reads. */
export class PodFiles implements FileFinder, Disposable {
  readonly #store = new DisposableStore();
  #users = 0;
  #touch: Promise<Disposable> | null = null;
  #linger: Disposable | null = null;

  constructor(private readonly options: PodFilesOptions) {
    this.#store.add(toDisposable(() => this.#leave()));
  }

  async find(sha256: string, bytes: number, signal: AbortSignal): Promise<readonly RangeSource[]> {
    const { anyPaired, state, log } = this.options;
    try {
      if (!(await anyPaired())) return [];
      const using = await this.#use();
      try {
        await this.#settled(() => ![...state().machines.values()].some((machine) => isOnItsWay(state(), machine)), signal);
        const asked = [...state().machines.values()].filter(({ paired, connected }) => paired && connected).toSorted((a, b) => speedOf(b) - speedOf(a));
        const has = await Promise.all(asked.map((machine) => this.#has(machine, sha256, bytes, signal)));
        return asked.filter((_, index) => has[index]).map((machine) => this.#source(machine, sha256, bytes));
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

  async #has({ fingerprint, name }: MachineState, sha256: string, bytes: number, signal: AbortSignal): Promise<boolean> {
    const { clock, log } = this.options;
    const limit = linkSignals(signal);
    const timer = clock.setTimeout(() => limit.abort(), askLimitMs);
    try {
      const { fileBytes, content } = await this.#ask(fingerprint, name, { sha256, offset: 0, length: 0 }, limit.signal);
      for await (const _ of content);
      return fileBytes === bytes;
    } catch (error) {
      log.debug(`${name} does not give a file: ${JSON.stringify(failureOf(error))}`);
      return false;
    } finally {
      timer.dispose();
      limit.dispose();
    }
  }

  #source({ fingerprint, name }: MachineState, sha256: string, bytes: number): RangeSource {
    return { from: name, bytes, ranges: true, read: (offset, length, signal) => this.#read({ fingerprint, name, sha256 }, offset, Math.min(length, bytes - offset), signal) };
  }

  async *#read({ fingerprint, name, sha256 }: { readonly fingerprint: string; readonly name: string; readonly sha256: string }, offset: number, length: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const using = await this.#use();
    try {
      // It may have been away for a while.
      await this.#settled(() => this.options.state().machines.get(fingerprint)?.connected === true, signal);
      for (let at = offset; at < offset + length; ) {
        const { content } = await this.#ask(fingerprint, name, { sha256, offset: at, length: Math.min(mostAnswerBytes, offset + length - at) }, signal);
        for await (const chunk of content) {
          at += chunk.length;
          yield chunk;
        }
      }
    } finally {
      using.dispose();
    }
  }

  async #ask(fingerprint: string, machine: string, request: { readonly sha256: string; readonly offset: number; readonly length: number }, signal: AbortSignal): ReturnType<typeof askForFile> {
    const { open, clock } = this.options;
    try {
      const { socket } = await open(fingerprint, signal);
      return await askForFile(socket, request, { machine, clock, signal });
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

  /** Stays in touch with the machines until all that was got here is disposed, and a little longer. */
  async #use(): Promise<Disposable> {
    if (this.#store.disposed) throw new EngineError({ code: 'cancelled' });
    this.#linger?.dispose();
    this.#linger = null;
    this.#users++;
    const using = toDisposable(() => {
      if (--this.#users === 0 && !this.#store.disposed) this.#linger = this.options.clock.setTimeout(() => this.#leave(), lingerMs);
    });
    try {
      await (this.#touch ??= this.options.keepInTouch());
      return using;
    } catch (error) {
      this.#touch = null;
      using.dispose();
      throw error;
    }
  }

  #leave(): void {
    this.#linger?.dispose();
    this.#linger = null;
    const touch = this.#touch;
    this.#touch = null;
    touch?.then((present) => present.dispose()).catch(() => undefined);
  }
}

/** Bytes per second; a machine that does not lend its device is not measured, and comes last. */
function speedOf({ link }: MachineState): number {
  return link?.throughput ?? 0;
}

/** Whether a paired machine will soon be connected and measured, as far as one knows. */
function isOnItsWay(state: PodState, machine: MachineState): boolean {
  const { paired, problem, addresses, facts, link } = machine;
  if (!paired || problem !== null || addresses.length === 0) return false;
  return facts === null || (link === null && whyNotLent(state, machine) === null);
}
