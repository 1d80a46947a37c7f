import type { Clock } from '../../base/clock.js';
import type { Download, DownloadState } from '../../protocol/modelTypes.js';
import { RateMeter } from '../../base/rateMeter.js';
import type { DownloadRecord } from './downloadRecord.js';
import type { DownloadProgress } from './runDownload.js';

/** How a download goes that runs. */
export class RunningProgress {
  readonly #meter = new RateMeter();
  #last: DownloadProgress | null = null;

  constructor(private readonly clock: Clock) {}

  get last(): DownloadProgress | null {
    return this.#last;
  }

  add(progress: DownloadProgress): void {
    // What was there before it began has not been received now.
    const more = progress.receivedBytes - (this.#last?.receivedBytes ?? progress.receivedBytes);
    if (more > 0 || this.#last === null) this.#meter.add(more, this.clock.now());
    this.#last = progress;
  }

  get state(): DownloadState {
    const progress = this.#last;
    if (progress === null) return { state: 'downloading', rate: 0, secondsLeft: null };
    const { totalBytes, receivedBytes, hashedBytes } = progress;
    if (receivedBytes >= totalBytes) return { state: 'verifying', progress: totalBytes === 0 ? 1 : Math.min(1, hashedBytes / totalBytes) };
    // Time in which nothing comes counts.
    this.#meter.add(0, this.clock.now());
    const rate = this.#meter.rate();
    return { state: 'downloading', rate, secondsLeft: rate > 0 ? (totalBytes - receivedBytes) / rate : null };
  }
}

/** What is known of a download beside its record. */
export interface DownloadNow {
  readonly running: RunningProgress | null;
  /** What was on the disk when it was looked at last. */
  readonly received: number;
  /** When it is tried again, in milliseconds since 1970. */
  readonly againAt: number | null;
}

/** A download for the user. */
export function downloadView(record: DownloadRecord, { running, received, againAt }: DownloadNow): Download {
  const { id, name, quantization, source, parts, state } = record;
  const sizes = parts.map(({ bytes }) => bytes);
  const known = sizes.includes(null) ? 0 : sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  const last = running?.last ?? null;
  return {
    id,
    name,
    quantization,
    source,
    totalBytes: last?.totalBytes ?? known,
    receivedBytes: last?.receivedBytes ?? received,
    from: last?.from ?? '',
    status: running?.state ?? (state.state === 'failed' ? { state: 'failed', failure: state.failure, ...(againAt === null ? {} : { againAt }) } : state),
  };
}
