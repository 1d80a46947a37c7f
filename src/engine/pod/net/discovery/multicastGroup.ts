import type dgram from 'node:dgram';
import { EventEmitter } from 'node:events';
import type { Clock } from '../../../base/clock.js';
import { messageOf } from '../../../base/errors.js';
import { Emitter } from '../../../base/event.js';
import type { Logger } from '../../../base/logger.js';
import { PacketBudget } from '../../core/discovery/packetBudget.js';
import { MulticastSockets } from './multicastSockets.js';
import { type NetworkInterface, networkInterfaces } from './networkInterfaces.js';

const lookMs = 2_000;
/** A look that comes so much later than it should: the machine slept, and its memberships may be gone. */
const sleptMs = 10_000;
/** When an interface could not be joined, how long until everything is opened anew. */
const retryMs = 30_000;
/** Of one source: a machine that answers and asks sends about two packets a second, and more when many ask. */
const heardLimits = { rate: 10, burst: 30, sources: 64, forgetMs: 10_000 };
/** Of this machine: every answer is heard by all, so a flood of questions needs no flood of answers. */
const sentLimits = { rate: 10, burst: 30, sources: 1, forgetMs: Infinity };
/** RFC 6762 section 17. */
const maxPacketBytes = 9_000;
/** More than a machine of a pod asks or says in one packet; each question may be answered on its own. */
const maxQuestions = 8;
const maxRecords = 128;

export interface MulticastGroupOptions {
  /** Only packets in which this text stands are read, as most of what is heard is about printers; `null` reads all. */
  readonly about: string | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Multicast DNS on every interface, also on those that come later. Packets about other things, of unusual size, with
 * unusually many records or of a source that floods are not even decoded.
 */
export class MulticastGroup {
  readonly #about: string | null;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #budget = new PacketBudget(heardLimits);
  readonly #members = new Set<GroupSocket>();
  readonly #changed = new Emitter<void>();
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #wake: () => void = () => undefined;
  #sockets: MulticastSockets | null = null;
  #openedFor = '';
  #openedAt = 0;
  #lookedAt = 0;
  #sendProblem: string | null = null;

  /** The sockets are there, or there anew because the network has changed: announce and ask again. */
  readonly onChanged = this.#changed.event;

  constructor(o: MulticastGroupOptions) {
    this.#about = o.about;
    this.#clock = o.clock;
    this.#log = o.log;
    this.#loop = this.#followNetwork();
  }

  /** Whether something can be sent. */
  get open(): boolean {
    return this.#sockets !== null;
  }

  /** Why multicast does not work; `null` while it does, and before it was tried. */
  get problem(): string | null {
    if (this.#sockets === null) return null;
    if (!this.#sockets.usable) return this.#sockets.problems[0] ?? 'no network interface with multicast';
    return this.#sendProblem;
  }

  /** A socket for multicast-dns, which uses `on`, `send` and `close` of it when told neither to bind nor to join. */
  join(): dgram.Socket {
    const sent = new PacketBudget(sentLimits);
    const member = new GroupSocket({
      send: async (packet) => {
        if (sent.admit('', this.#clock.now())) await this.#send(packet);
      },
      leave: (socket) => this.#members.delete(socket),
    });
    this.#members.add(member);
    return member as unknown as dgram.Socket;
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#loop;
    this.#members.clear();
    this.#changed.dispose();
  }

  async #followNetwork(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        this.#log.error(`multicast: ${messageOf(error)}`);
      }
      if (this.#stop.signal.aborted) break;
      await new Promise<void>((resolve) => {
        const timer = this.#clock.setTimeout(resolve, lookMs);
        this.#wake = () => {
          timer.dispose();
          resolve();
        };
      });
    }
    await this.#sockets?.close();
    this.#sockets = null;
  }

  /** Opens everything anew when the network has changed: that is rare, and memberships do not outlive an interface. */
  async #look(): Promise<void> {
    const interfaces = lanInterfaces();
    const state = JSON.stringify(interfaces);
    const now = this.#clock.now();
    const slept = now - this.#lookedAt > sleptMs;
    this.#lookedAt = now;
    const retry = this.#sockets !== null && this.#sockets.problems.length > 0 && now - this.#openedAt >= (this.#sockets.usable ? retryMs : 0);
    if (this.#sockets !== null && state === this.#openedFor && !retry && !slept) return;
    await this.#sockets?.close();
    this.#sockets = await MulticastSockets.open(interfaces, { onMessage: (packet, source) => this.#receive(packet, source), log: this.#log });
    this.#openedFor = state;
    this.#openedAt = now;
    this.#sendProblem = null;
    if (!this.#stop.signal.aborted) this.#changed.fire();
  }

  async #send(packet: Uint8Array): Promise<void> {
    const sockets = this.#sockets;
    if (sockets === null) return;
    const problem = await sockets.send(packet);
    if (sockets === this.#sockets) this.#sendProblem = problem;
  }

  #receive(packet: Buffer, source: dgram.RemoteInfo): void {
    if (!isModest(packet) || (this.#about !== null && !packet.includes(this.#about))) return;
    if (!this.#budget.admit(source.address, this.#clock.now())) return;
    for (const member of this.#members) {
      try {
        member.emit('message', packet, source);
      } catch (error) {
        this.#log.debug(`multicast: a packet of ${source.address} was not understood: ${messageOf(error)}`);
      }
    }
  }
}

function lanInterfaces(): NetworkInterface[] {
  return networkInterfaces().filter(({ tunnel }) => !tunnel);
}

/** Whether the size and the counts in the header of a DNS message (RFC 1035 section 4.1.1) are usual ones. */
function isModest(packet: Buffer): boolean {
  if (packet.length < 12 || packet.length > maxPacketBytes) return false;
  return packet.readUInt16BE(4) <= maxQuestions && packet.readUInt16BE(6) + packet.readUInt16BE(8) + packet.readUInt16BE(10) <= maxRecords;
}

interface Membership {
  send(packet: Uint8Array): Promise<void>;
  leave(socket: GroupSocket): void;
}

/** One user's end of the group. */
class GroupSocket extends EventEmitter {
  readonly #group: Membership;

  constructor(group: Membership) {
    super();
    this.#group = group;
  }

  /** The destination is that of the group, whatever the caller says. */
  async send(packet: Uint8Array, offset: number, length: number, _port: number, _address: string, done: (error: Error | null) => void): Promise<void> {
    await this.#group.send(packet.subarray(offset, offset + length));
    done(null);
  }

  close(done: () => void): void {
    this.#group.leave(this);
    process.nextTick(done);
  }
}
