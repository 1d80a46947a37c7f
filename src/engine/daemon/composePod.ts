import os from 'node:os';
import path from 'node:path';
import { systemClock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { SharedFiles } from '../pod/net/files/fileLender.js';
import { forkLayerServers } from '../pod/net/lending/layerServerProcess.js';
import { PodService } from '../pod/podService.js';
import type { EngineService } from '../runtime/engineService.js';
import type { DaemonArguments } from './daemonArguments.js';

/** This machine's pod, which gives those files to paired machines while it is shared. Starts nothing. */
export function composePod(args: DaemonArguments, version: string, sharedFiles: SharedFiles, log: Logger): PodService {
  return new PodService({
    directory: path.join(args.stateDirectory, 'pod'),
    version,
    servers: forkLayerServers(args.layerServer, log.child('layers')),
    clock: systemClock,
    log: log.child('pod'),
    freeMemory,
    totalMemory,
    sharedFiles,
  });
}

/** Bytes of main memory that programs can take. A container may have less than the machine; on macOS only the newer figure counts what gives way. */
function freeMemory(): number {
  const available = process.availableMemory();
  return process.platform === 'darwin' ? available : Math.min(os.freemem(), available);
}

/** Bytes of main memory, of the container where there is one. */
function totalMemory(): number {
  return Math.min(os.totalmem(), process.constrainedMemory() || Infinity);
}

/** Tells the pod how fast its model answers. */
export function measurePod(engine: EngineService, pod: PodService): void {
  engine.onStatus(({ chat }) => {
    if ((chat.state !== 'generating' && chat.state !== 'ready') || chat.model.path !== pod.placement.path) return;
    const rate = chat.state === 'generating' ? chat.tokensPerSecond : (chat.lastStats?.decodeTokensPerSecond ?? 0);
    if (rate > 0) pod.measured(rate);
  });
}
