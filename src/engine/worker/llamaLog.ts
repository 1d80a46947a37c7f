import { setTimeout } from 'node:timers/promises';
import type { Logger } from '../base/logger.js';

/** How loud llama.cpp and its bindings speak, in their words. */
export type NativeLevel = 'fatal' | 'error' | 'warn' | 'info' | 'log' | 'debug' | 'disabled';

/** Lines that are kept to find the reason of a failure. */
const keptLines = 32;
/** How often to look for lines that are on their way, and how many times. */
const lookMs = 2;
const mostLooks = 100;
/** `load_tensors: layer   3 assigned to device RPC0, is_swa = 0` of llama-model.cpp. */
const layerAssignment = /: layer\s+(\d{1,5}) assigned to device ([^,]{1,256}),/;

/** Passes llama.cpp's log on to ours, and keeps its last complaints: when a load fails they are the only reason given. */
export class LlamaLog {
  #complaints: string[] = [];
  #layerDevices: string[] = [];

  constructor(private readonly logger: Logger) {}

  write(level: NativeLevel, text: string): void {
    const message = text.trimEnd();
    if (message.trim() === '') return;
    switch (level) {
      case 'fatal':
      case 'error':
        this.#complaints = [...this.#complaints, message.trim()].slice(-keptLines);
        return this.logger.error(message);
      case 'warn':
        return this.logger.warn(message);
      case 'info':
      case 'log':
        return this.logger.debug(message);
      case 'debug':
        this.#noteLayer(message);
        return this.logger.trace(message);
      case 'disabled':
        return undefined;
    }
  }

  /** Forgets the complaints so far: what follows belongs to a new attempt. */
  begin(): void {
    this.#complaints = [];
    this.#layerDevices = [];
  }

  /** Lines come through another thread and may be later than the end of what they are about: waits a little until they say something. */
  async waitFor(said: () => boolean): Promise<void> {
    for (let look = 0; look < mostLooks && !said(); look++) await setTimeout(lookMs);
  }

  /** The devices to which layers were assigned, in the order of the layers, the output layer last. llama.cpp says so at debug level only. */
  get layerDevices(): readonly string[] {
    return this.#layerDevices;
  }

  #noteLayer(message: string): void {
    const [, layer, device] = layerAssignment.exec(message) ?? [];
    if (layer !== undefined && device !== undefined) this.#layerDevices[Number(layer)] = device;
  }

  /** The complaints of the present attempt in one line, the first one first: it is the cause of the others. */
  get reason(): string | null {
    return this.#complaints.length === 0 ? null : this.#complaints.join('; ');
  }
}
