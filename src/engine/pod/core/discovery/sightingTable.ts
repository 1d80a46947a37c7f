import type { Address } from '../../../protocol/podTypes.js';

/** A machine that says it shares. A hint: nothing of it is proven before a connection has compared its key. */
export interface Sighting {
  readonly fingerprint: string;
  readonly name: string;
  readonly protocolVersion: number;
  /** Where it says it listens, over all its interfaces. */
  readonly addresses: readonly Address[];
}

export type SightingEvent = { readonly kind: 'seen'; readonly sighting: Sighting } | { readonly kind: 'gone'; readonly fingerprint: string };

export const sightingLimits = {
  machines: 256,
  /** Machines that one source may announce: several users of a machine may share. */
  machinesPerSource: 8,
  addresses: 16,
  /** Milliseconds without an answer after which a machine is gone. */
  silenceMs: 7_000,
  /** Milliseconds that a machine which said goodbye has to contradict: the goodbye may be somebody else's. */
  goodbyeMs: 1_500,
} as const;

interface Entry {
  name: string;
  protocolVersion: number;
  readonly source: string;
  /** Milliseconds of the clock when it counts as gone. */
  goneAt: number;
  /** `host port` → the address and when it was last heard of; the one heard of longest ago first. */
  readonly addresses: Map<string, { readonly address: Address; readonly at: number }>;
  /** What was last told. */
  told: string;
}

/** The machines that were heard of, bounded in number and in time. Times are milliseconds of one clock. */
export class SightingTable {
  readonly #entries = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** An announcement or answer that came from the network address `source`. */
  heard(sighting: Sighting, source: string, now: number): SightingEvent[] {
    let entry = this.#entries.get(sighting.fingerprint);
    if (entry === undefined) {
      if (!this.#hasRoomFor(source)) return [];
      entry = { name: '', protocolVersion: 0, source, goneAt: 0, addresses: new Map(), told: '' };
      this.#entries.set(sighting.fingerprint, entry);
    }
    entry.name = sighting.name;
    entry.protocolVersion = sighting.protocolVersion;
    entry.goneAt = now + sightingLimits.silenceMs;
    for (const address of sighting.addresses) {
      const key = `${address.host} ${address.port}`;
      entry.addresses.delete(key);
      entry.addresses.set(key, { address, at: now });
    }
    return this.#tell(sighting.fingerprint, entry, now);
  }

  /** A goodbye. Answers whether it is about a machine of the table, which should then be asked. */
  goodbye(fingerprintStart: string, now: number): boolean {
    for (const [fingerprint, entry] of this.#entries) {
      if (!fingerprint.startsWith(fingerprintStart)) continue;
      entry.goneAt = Math.min(entry.goneAt, now + sightingLimits.goodbyeMs);
      return true;
    }
    return false;
  }

  /** Drops what has been silent for too long: machines, and single addresses of the others. */
  expire(now: number): SightingEvent[] {
    return [...this.#entries].flatMap(([fingerprint, entry]) => {
      if (entry.goneAt > now) return this.#tell(fingerprint, entry, now);
      this.#entries.delete(fingerprint);
      return [{ kind: 'gone' as const, fingerprint }];
    });
  }

  /** Forgets all machines. */
  clear(): SightingEvent[] {
    const gone = [...this.#entries.keys()].map((fingerprint) => ({ kind: 'gone' as const, fingerprint }));
    this.#entries.clear();
    return gone;
  }

  #hasRoomFor(source: string): boolean {
    if (this.#entries.size >= sightingLimits.machines) return false;
    let ofSource = 0;
    for (const entry of this.#entries.values()) if (entry.source === source) ofSource++;
    return ofSource < sightingLimits.machinesPerSource;
  }

  /** The event when something has changed since the last one. */
  #tell(fingerprint: string, entry: Entry, now: number): SightingEvent[] {
    for (const [key, { at }] of entry.addresses) {
      if (entry.addresses.size > sightingLimits.addresses || now - at >= sightingLimits.silenceMs) entry.addresses.delete(key);
    }
    const addresses = [...entry.addresses.values()].map(({ address }) => address).toSorted((a, b) => compare(a.host, b.host) || a.port - b.port);
    // Nothing can be done with a machine that has not said where it is.
    if (addresses.length === 0 && entry.told === '') return [];
    const sighting: Sighting = { fingerprint, name: entry.name, protocolVersion: entry.protocolVersion, addresses };
    const told = JSON.stringify(sighting);
    if (told === entry.told) return [];
    entry.told = told;
    return [{ kind: 'seen', sighting }];
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
