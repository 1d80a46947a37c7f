import { collectLeftovers } from './leftovers.mjs';
import type { TestNetwork } from './machines.js';
import { PodMachine, shareAll } from './podMachine.js';
import type { ShareOptions } from '../../src/engine/protocol/podTypes.js';

export interface PodHome {
  /** Starts the daemon of the machine with this number; it is ended after the present test. */
  start(number: number, env?: Readonly<Record<string, string>>): Promise<PodMachine>;
  /** A coordinator, machine 1, and as many lenders that share and are paired with it. */
  paired(lenders: number, share?: Partial<ShareOptions>): Promise<PodMachine[]>;
}

/** Machines of the suite's network that are new for every test: no key, no pairing, no process is left from the one before. */
export function usePod(network: () => TestNetwork): PodHome {
  const running: PodMachine[] = [];

  afterEach(async () => {
    for (const pod of running.splice(0)) {
      await pod.stop();
      await pod.machine.linkUp();
      await collectLeftovers(pod.machine.home);
    }
  });

  async function start(number: number, env: Readonly<Record<string, string>> = {}): Promise<PodMachine> {
    const pod = await PodMachine.start(network().machine(number), env);
    running.push(pod);
    return pod;
  }

  return {
    start,
    async paired(lenders, share = {}) {
      const machines = await Promise.all(Array.from({ length: lenders + 1 }, (_, index) => start(index + 1)));
      const [coordinator, ...others] = machines;
      if (coordinator === undefined) throw new Error('a pod has a coordinator');
      for (const lender of others) {
        await lender.client.pod.share({ ...shareAll, ...share });
        await coordinator.pairWith(lender);
      }
      return machines;
    },
  };
}
