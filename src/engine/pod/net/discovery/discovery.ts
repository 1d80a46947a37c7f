import makeMulticastDns, { type MulticastDNS } from 'multicast-dns';
import type { Clock } from '../../../base/clock.js';
import type { Disposable } from '../../../base/disposable.js';
import { Emitter, type Event } from '../../../base/event.js';
import type { Logger } from '../../../base/logger.js';
import { type Sighting, type SightingEvent, SightingTable } from '../../core/discovery/sightingTable.js';
import { type Advertisement, Advertiser } from './advertiser.js';
import { machinesIn, serviceDomain, serviceType } from './announcement.js';
import { MulticastGroup } from './multicastGroup.js';

const tickMs = 1_000;
/** Machines are asked again so often that several lost answers are not taken for the end of one. */
const queryEveryTicks = 2;

/**
 * Finds machines that share, by multicast DNS on every interface, and lets this one be found. Sightings are hints: who
 * a machine is shows the key of a connection to it. Where multicast does not work `problem` says why, and nothing fails.
 */
export class Discovery {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #seen = new Emitter<Sighting>();
  readonly #gone = new Emitter<string>();
  readonly #table = new SightingTable();
  #group: MulticastGroup | null = null;
  #wanted: Advertisement | null = null;
  #advertiser: Advertiser | null = null;
  #browser: MulticastDNS | null = null;
  #timer: Disposable | null = null;
  #ticks = 0;
  #warned: string | null = null;
  #doubt = false;
  #ending: Promise<void> = Promise.resolve();
  #disposed = false;

  /** A machine is there, or something about it has changed. */
  readonly onSeen: Event<Sighting> = this.#seen.event;
  /** The fingerprint of a machine that said goodbye or stopped answering. */
  readonly onGone: Event<string> = this.#gone.event;

  constructor(o: { readonly clock: Clock; readonly log: Logger }) {
    this.#clock = o.clock;
    this.#log = o.log;
  }

  /** Why machines cannot find each other; `null` while they can, and while nothing is advertised or browsed. */
  get problem(): string | null {
    return this.#group?.problem ?? null;
  }

  /** Lets this machine be found from now on, or no longer. */
  advertise(advertisement: Advertisement | null): void {
    if (this.#disposed) return;
    this.#wanted = advertisement;
    const old = this.#advertiser;
    this.#advertiser = null;
    if (old !== null && old.advertisement.fingerprint === advertisement?.fingerprint) old.drop();
    else if (old !== null) this.#afterwards(() => old.stop());
    this.#follow();
    this.#announce();
  }

  /** Looks for machines from now on, or no longer. Those that were seen are gone then. */
  browse(on: boolean): void {
    if (this.#disposed || on === (this.#browser !== null)) return;
    if (on) {
      this.#browser = this.#startBrowser(this.#openGroup());
      this.#ask();
    } else {
      this.#browser?.destroy();
      this.#browser = null;
      this.#fire(this.#table.clear());
    }
    this.#follow();
  }

  /** Says goodbye and frees every socket and timer. */
  async dispose(): Promise<void> {
    this.advertise(null);
    this.browse(false);
    this.#disposed = true;
    await this.#ending;
    this.#seen.dispose();
    this.#gone.dispose();
  }

  #openGroup(): MulticastGroup {
    if (this.#group !== null) return this.#group;
    const group = new MulticastGroup({ about: serviceType, clock: this.#clock, log: this.#log });
    this.#group = group;
    group.onChanged(() => {
      if (group !== this.#group) return;
      if (group.problem !== null && group.problem !== this.#warned) this.#log.warn(`machines cannot be found by multicast: ${group.problem}`);
      this.#warned = group.problem;
      this.#advertiser?.drop();
      this.#advertiser = null;
      this.#announce();
      this.#ask();
    });
    return group;
  }

  /** Starts or stops what is needed for what is wanted. */
  #follow(): void {
    if (this.#wanted !== null) this.#openGroup();
    if (this.#browser === null) {
      this.#timer?.dispose();
      this.#timer = null;
    } else this.#timer ??= this.#clock.setTimeout(() => this.#tick(), tickMs);
    const group = this.#group;
    if (group === null || this.#wanted !== null || this.#browser !== null) return;
    this.#group = null;
    this.#afterwards(() => group.dispose());
  }

  #announce(): void {
    if (this.#wanted === null || this.#advertiser !== null || this.#group?.open !== true) return;
    this.#advertiser = new Advertiser(this.#group, this.#wanted, this.#log);
  }

  #startBrowser(group: MulticastGroup): MulticastDNS {
    const browser = makeMulticastDns({ socket: group.join(), bind: false, multicast: false });
    browser.on('response', (response, source) => {
      const heard = machinesIn([...(response.answers ?? []), ...(response.additionals ?? [])], source.address);
      const now = this.#clock.now();
      for (const sighting of heard.sightings) {
        if (sighting.fingerprint !== this.#wanted?.fingerprint) this.#fire(this.#table.heard(sighting, source.address, now));
      }
      for (const instance of heard.goodbyes) if (this.#table.goodbye(instance, now)) this.#doubt = true;
    });
    return browser;
  }

  #tick(): void {
    this.#timer = this.#clock.setTimeout(() => this.#tick(), tickMs);
    // Anybody can forge a goodbye: who is still there says so when asked.
    if (this.#ticks++ % queryEveryTicks === 0 || this.#doubt) this.#ask();
    this.#fire(this.#table.expire(this.#clock.now()));
  }

  #ask(): void {
    this.#doubt = false;
    this.#browser?.query(serviceDomain, 'PTR');
  }

  #fire(events: readonly SightingEvent[]): void {
    for (const event of events) {
      if (event.kind === 'seen') this.#seen.fire(event.sighting);
      else this.#gone.fire(event.fingerprint);
    }
  }

  /** Runs after what is ending already: the goodbye goes out before the sockets close. */
  #afterwards(action: () => Promise<void>): void {
    this.#ending = this.#ending.then(action).catch((error: unknown) => this.#log.warn(`discovery: ${String(error)}`));
  }
}
