import dgram from 'node:dgram';
import { once } from 'node:events';
import { messageOf } from '../../../base/errors.js';
import type { Logger } from '../../../base/logger.js';
import { isLinkLocal, type NetworkInterface, zoneOf } from './networkInterfaces.js';

/** Multicast DNS, RFC 6762. */
export const mdnsPort = 5_353;
const groups = { IPv4: '224.0.0.251', IPv6: 'ff02::fb' } as const;
/** The receiver of link-local traffic may refuse what came over a router, RFC 6762 section 11. */
const hopLimit = 255;

type Send = (packet: Uint8Array, done: (error: Error | null) => void) => void;

export interface MulticastHandlers {
  onMessage(packet: Buffer, source: dgram.RemoteInfo): void;
  log: Logger;
}

/**
 * The sockets of one state of the network. One socket for each family hears the groups on every interface, so that a
 * packet is heard once. What is sent goes out of every interface: for IPv4 through a socket bound to the interface's
 * own address, which hears no multicast itself, for IPv6 by the zone of the destination.
 */
export class MulticastSockets {
  readonly #sockets: dgram.Socket[] = [];
  readonly #paths: Send[] = [];
  readonly #handlers: MulticastHandlers;
  /** What could not be opened or joined, with the interface. */
  readonly problems: string[] = [];

  private constructor(handlers: MulticastHandlers) {
    this.#handlers = handlers;
  }

  /** Never rejects: what does not work is in `problems`, and `usable` says whether anything does. */
  static async open(interfaces: readonly NetworkInterface[], handlers: MulticastHandlers): Promise<MulticastSockets> {
    const opened = new MulticastSockets(handlers);
    await opened.#openIpv4(interfaces);
    await opened.#openIpv6(interfaces);
    return opened;
  }

  get usable(): boolean {
    return this.#paths.length > 0;
  }

  /** Sends out of every interface. @returns why nothing could be sent, or `null` when at least one way worked. */
  async send(packet: Uint8Array): Promise<string | null> {
    const errors = await Promise.all(this.#paths.map((send) => new Promise<Error | null>((resolve) => send(packet, resolve))));
    if (errors.some((error) => error === null)) return null;
    return errors[0]?.message ?? this.problems[0] ?? 'no network interface with multicast';
  }

  async close(): Promise<void> {
    this.#paths.length = 0;
    await Promise.all(this.#sockets.splice(0).map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
  }

  async #openIpv4(interfaces: readonly NetworkInterface[]): Promise<void> {
    const places = interfaces.flatMap(({ name, addresses }) => addresses.filter(({ family }) => family === 'IPv4').slice(0, 1).map(({ address }) => ({ name, address })));
    if (places.length === 0) return;
    const receiver = await this.#bind(dgram.createSocket({ type: 'udp4', reuseAddr: true }), undefined, 'IPv4');
    if (receiver === null) return;
    receiver.on('message', (packet, source) => this.#handlers.onMessage(packet, source));
    for (const { name, address } of places) {
      if (!this.#attempt(name, () => receiver.addMembership(groups.IPv4, address))) continue;
      const sender = await this.#bind(dgram.createSocket({ type: 'udp4', reuseAddr: true }), address, name);
      if (sender === null) continue;
      const ready = this.#attempt(name, () => {
        sender.setMulticastInterface(address);
        sender.setMulticastTTL(hopLimit);
      });
      if (ready) this.#paths.push((packet, done) => sender.send(packet, mdnsPort, groups.IPv4, done));
    }
  }

  async #openIpv6(interfaces: readonly NetworkInterface[]): Promise<void> {
    const places = interfaces.flatMap((networkInterface) =>
      networkInterface.addresses.filter(({ address, family }) => family === 'IPv6' && isLinkLocal(address)).slice(0, 1).map((address) => ({ name: networkInterface.name, zone: zoneOf(networkInterface, address) })),
    );
    if (places.length === 0) return;
    const socket = await this.#bind(dgram.createSocket({ type: 'udp6', reuseAddr: true, ipv6Only: true }), undefined, 'IPv6');
    if (socket === null || !this.#attempt('IPv6', () => socket.setMulticastTTL(hopLimit))) return;
    socket.on('message', (packet, source) => this.#handlers.onMessage(packet, source));
    for (const { name, zone } of places) {
      if (!this.#attempt(name, () => socket.addMembership(groups.IPv6, `::%${zone}`))) continue;
      this.#paths.push((packet, done) => socket.send(packet, mdnsPort, `${groups.IPv6}%${zone}`, done));
    }
  }

  /** @returns the bound socket, or `null` with the reason in `problems` */
  async #bind(socket: dgram.Socket, address: string | undefined, place: string): Promise<dgram.Socket | null> {
    try {
      socket.bind({ port: mdnsPort, ...(address === undefined ? {} : { address }) });
      await once(socket, 'listening');
    } catch (error) {
      socket.on('error', () => undefined);
      socket.close();
      this.#problem(place, error);
      return null;
    }
    socket.on('error', (error) => this.#problem(place, error));
    this.#sockets.push(socket);
    return socket;
  }

  #attempt(place: string, action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      this.#problem(place, error);
      return false;
    }
  }

  #problem(place: string, error: unknown): void {
    const problem = `${place}: ${messageOf(error)}`;
    // An interface that fails again and again says so once.
    if (this.problems.includes(problem) || this.problems.length >= 32) return;
    this.problems.push(problem);
    this.#handlers.log.debug(`multicast: ${problem}`);
  }
}
