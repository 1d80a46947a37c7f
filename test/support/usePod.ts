import fs from 'node:fs';
import type { TestHome } from './leaks.js';
import type { TestNetwork } from './machines.js';
import type { Hardware } from './hardware.js';
import { MachineDaemon, shareAll } from './machineDaemon.js';
import type { ShareOptions } from '../../src/engine/protocol/podTypes.js';

export interface PodHome {
  /** Starts the daemon of the machine with this number; it is ended after the present test. */
  start(number: number, hardware?: Hardware): Promise<MachineDaemon>;
  /** A coordinator, machine 1, and a lender for each of the options, which shares so and is paired with it. */
  paired(hardware: Hardware, ...shares: readonly Partial<ShareOptions>[]): Promise<readonly [MachineDaemon, ...MachineDaemon[]]>;
}

/** Machines of the suite's network that are new for every test: no key, no pairing, no process is left from the one before. */
export function usePod(network: () => TestNetwork, home: TestHome): PodHome {
  async function start(number: number, hardware: Hardware = {}): Promise<MachineDaemon> {
    const pod = await MachineDaemon.start(network().machine(number), hardware);
    home.atEnd(async () => {
      await pod.stop();
      await pod.machine.linkUp();
      fs.rmSync(String(pod.machine.env['SEEKPOD_STATE_DIR']), { recursive: true, force: true });
    });
    return pod;
  }

  return {
    start,
    async paired(hardware, ...shares) {
      const [coordinator, ...lenders] = await Promise.all([start(1, hardware), ...shares.map((_, index) => start(index + 2))]);
      for (const [index, lender] of lenders.entries()) {
        await lender.client.pod.share({ ...shareAll, ...shares[index] });
        await coordinator.pairWith(lender);
      }
      return [coordinator, ...lenders];
    },
  };
}
