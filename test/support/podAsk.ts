import type { EngineOptions } from '../../src/engine/protocol/engineTypes.js';
import type { PlanPart, PodRun } from '../../src/engine/protocol/podTypes.js';
import { type MachineDaemon, podTestOptions, roleFor } from './machineDaemon.js';

type Running = Extract<PodRun, { state: 'running' }>;

/** Means the model for the pod and loads it there. */
export async function loadOnPod(coordinator: MachineDaemon, file: string, change: Partial<EngineOptions> = {}, contextSize?: number): Promise<Running> {
  await coordinator.client.configure(podTestOptions({ pod: roleFor(file, contextSize), ...change }));
  await coordinator.client.load('chat', new AbortController().signal);
  return running(coordinator);
}

/** The model on the pod, once it runs. */
export function running(coordinator: MachineDaemon): Promise<Running> {
  return coordinator.when(({ run }) => (run.state === 'running' ? run : null));
}

/** What llama.cpp names the devices of a plan's layers, the output layer last, on a coordinator without a GPU. */
export function expectedDevices(parts: readonly PlanPart[]): string[] {
  let remote = 0;
  return parts.flatMap(({ machine, layers }) => {
    const device = machine === null ? 'CPU' : `RPC${remote++}`;
    return Array.from({ length: layers.last - layers.first + 1 + (layers.output ? 1 : 0) }, () => device);
  });
}

/** Where llama.cpp says that it has put the layers, as the daemon logs it. */
export function loadedLayers(coordinator: MachineDaemon): string[] {
  const line = coordinator.records.findLast(({ message }) => message.startsWith('layers lie on '))?.message ?? '';
  return /^layers lie on ([^,]*)/.exec(line)?.[1]?.split(' ') ?? [];
}
