import type { ShareOptions } from '../../engine/protocol/podTypes.js';
import type { Settings } from '../settingsTable.js';

const bytesPerGb = 1e9;

/** What this machine lends under these settings; `null` is nothing. */
export function shareOptions({ pod }: Settings): ShareOptions | null {
  if (!pod.share) return null;
  return {
    memoryLimit: Math.round(pod.shareMemoryGb * bytesPerGb),
    cpu: pod.shareCpu,
    only: pod.shareOnlyWith.map((machine) => machine.trim()).filter((machine) => machine !== ''),
    port: pod.port,
    cacheLimit: Math.round(pod.cacheGb * bytesPerGb),
  };
}
