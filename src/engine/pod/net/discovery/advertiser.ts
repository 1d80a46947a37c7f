import { Bonjour } from 'bonjour-service';
import type { Logger } from '../../../base/logger.js';
import { peerProtocolVersion } from '../../../protocol/peerMessages.js';
import { announcedName, hostOf, instanceOf, serviceType } from './announcement.js';
import type { MulticastGroup } from './multicastGroup.js';

/** What is announced of a machine that shares. */
export interface Advertisement {
  readonly fingerprint: string;
  readonly name: string;
  readonly port: number;
}

/** Announces the machine and answers those who ask, with the addresses that it has at the start. */
export class Advertiser {
  readonly #bonjour: Bonjour;
  readonly advertisement: Advertisement;

  constructor(group: MulticastGroup, advertisement: Advertisement, log: Logger) {
    this.advertisement = advertisement;
    const { fingerprint, name, port } = advertisement;
    // Options for multicast-dns, which bonjour-service passes on: the group has bound and joined.
    const options: object = { socket: group.join(), bind: false, multicast: false };
    this.#bonjour = new Bonjour(options, (error: unknown) => log.debug(`advertising: ${String(error)}`));
    this.#bonjour.publish({
      name: instanceOf(fingerprint),
      type: serviceType,
      protocol: 'tcp',
      host: hostOf(fingerprint),
      port,
      txt: { id: fingerprint, n: announcedName(name), v: String(peerProtocolVersion) },
      // The name is of the key, so nobody else has it, and a forged answer to a probe must not silence this machine.
      probe: false,
    });
  }

  /** Ends without a word, because another one follows. */
  drop(): void {
    this.#bonjour.destroy();
  }

  /** Says goodbye, so that others need not wait for the silence. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#bonjour.unpublishAll(() => resolve()));
    this.#bonjour.destroy();
  }
}
