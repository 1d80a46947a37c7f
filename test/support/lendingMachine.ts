import path from 'node:path';
import { systemClock } from '../../src/engine/base/clock.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import { forkLayerServers, type LayerServerProcess, type LayerServers } from '../../src/engine/pod/net/lending/layerServerProcess.js';
import { Lender } from '../../src/engine/pod/net/lending/lender.js';
import { openPeerChannel, type PeerChannel } from '../../src/engine/pod/net/peers/peerChannel.js';
import { heartbeatMs, leaseEndedNotification, type LeaseParams, leaseRequest, type LeaseResult, peerHelloRequest, type PeerFacts, peerProtocolVersion, pingRequest, releaseRequest } from '../../src/engine/protocol/peerMessages.js';
import type { Device, ShareOptions } from '../../src/engine/protocol/podTypes.js';
import { call, listen } from '../../src/engine/protocol/wire.js';
import type { TestHome } from './leaks.js';
import { ListeningPeer } from './peers.js';

export const fakeLayerServer = path.resolve('test/support/fakeLayerServer.mjs');
export const build = { llama: 'v0.4.0', rpcProtocol: '6.0.0' };
export const everyone: ShareOptions = { memoryLimit: 1_000_000, cpu: true, only: [], port: 0, cacheLimit: 0 };
export const aDevice = (name: string, kind: Device['kind'] = 'gpu'): Device => ({ name, kind, description: 'a test', memoryBytes: 2e6, freeBytes: 2e6, bandwidth: 1e10, layerOverhead: 1e-5 });
const facts: Omit<PeerFacts, 'offer'> = { protocolVersion: peerProtocolVersion, seekpodVersion: '0', name: 'mini', os: 'test', build, clock: 0, devices: [aDevice('ok')] };
const offerless: PeerFacts = { ...facts, name: 'studio', offer: { kind: 'refused', reason: 'notSharing' } };

/** A machine that lends: real TLS, and layer servers in processes of their own. */
export class LendingMachine {
  readonly lender: Lender;
  readonly servers: LayerServerProcess[] = [];
  readonly #names = new Map<string, string>();
  facts = facts;
  freeMemory = 64e9;
  /** The devices are looked at anew. */
  refresh: () => void = () => undefined;

  private constructor(readonly peer: ListeningPeer, home: TestHome, entry: string) {
    const forked = forkLayerServers(entry, peer.log);
    const servers: LayerServers = {
      probe: (measure, signal) => forked.probe(measure, signal),
      serve: async (params, signal) => {
        const server = await forked.serve(params, signal);
        this.servers.push(server);
        return server;
      },
    };
    this.lender = new Lender({
      servers,
      cacheDirectory: path.join(home.runtimeDirectory, 'weights'),
      clock: systemClock,
      log: peer.log,
      facts: () => this.facts,
      refresh: async () => this.refresh(),
      freeMemory: () => this.freeMemory,
      nameOf: (fingerprint) => this.#names.get(fingerprint) ?? '?',
    });
    home.atEnd(() => this.lender.dispose());
    peer.onConnection = (connection) => {
      if (connection.purpose === 'control') this.lender.acceptControl(connection);
      else if (connection.purpose === 'layers') this.lender.acceptLayers(connection);
      else if (connection.purpose === 'link') this.lender.acceptLink(connection);
    };
    this.lender.share(everyone);
  }

  static async open(home: TestHome, identity: Identity, entry = fakeLayerServer): Promise<LendingMachine> {
    return new LendingMachine(await ListeningPeer.open(home, identity), home, entry);
  }

  /** The layer server of the next lease behaves as this says. */
  lends(device: string, kind?: Device['kind']): void {
    this.facts = { ...facts, devices: [aDevice(device, kind)] };
  }

  pair(identity: Identity, name: string): void {
    this.peer.trusted.add(identity.fingerprint);
    this.#names.set(identity.fingerprint, name);
  }
}

/** A coordinator's control connection. */
export class Borrower {
  readonly ended: { id: string; reason: string }[] = [];
  #beat: NodeJS.Timeout | undefined;

  private constructor(private readonly home: TestHome, private readonly machine: LendingMachine, readonly identity: Identity, readonly channel: PeerChannel) {
    listen(channel.connection, leaseEndedNotification, (end) => this.ended.push(end), () => undefined);
    channel.connection.listen();
  }

  static async connect(home: TestHome, machine: LendingMachine, identity: Identity): Promise<Borrower> {
    const { socket } = await machine.peer.dial(home, identity, 'control');
    const channel = openPeerChannel(socket, machine.peer.log);
    const borrower = new Borrower(home, machine, identity, channel);
    home.atEnd(() => borrower.leave());
    borrower.#beat = setInterval(() => void borrower.ping().catch(() => undefined), heartbeatMs);
    return borrower;
  }

  hello(): Promise<PeerFacts> {
    return call(this.channel.connection, peerHelloRequest, offerless);
  }

  ping(): Promise<null> {
    return call(this.channel.connection, pingRequest, null);
  }

  lease(params: Partial<LeaseParams> = {}, signal?: AbortSignal): Promise<LeaseResult> {
    return call(this.channel.connection, leaseRequest, { build, bytes: 1_000, model: 'calf', ...params }, signal);
  }

  release(id: string): Promise<null> {
    return call(this.channel.connection, releaseRequest, { id });
  }

  /** Opens a `layers` connection. */
  layers(signal = new AbortController().signal) {
    return this.machine.peer.dial(this.home, this.identity, 'layers', this.machine.peer.identity.fingerprint, signal);
  }

  /** Says nothing more, as a machine that sleeps. */
  fallSilent(): void {
    clearInterval(this.#beat);
  }

  leave(): void {
    this.fallSilent();
    this.channel.dispose();
  }
}
