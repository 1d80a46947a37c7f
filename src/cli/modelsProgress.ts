import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '../engine/base/clock.js';
import { DisposableStore } from '../engine/base/disposable.js';
import type { Failure } from '../engine/base/errors.js';
import type { ModelsClient } from '../engine/client/modelsClient.js';
import { downloadProgress } from '../engine/protocol/downloadText.js';
import type { Download, InstalledModel, ModelsStatus, ModelSource } from '../engine/protocol/modelTypes.js';
import type { TerminalStream } from './answerPrinter.js';
import { ProgressLine } from './progressLine.js';
import { downloadWords } from './words.js';

/** How a download ended for somebody who waited: `stopped` leaves what has come, by Ctrl+C here or by a pause elsewhere. */
export type DownloadEnd =
  | { readonly kind: 'installed'; readonly model: InstalledModel }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'removed' };

/** A lost daemon is started again after this time, and the download goes on. */
const againMs = 1_000;
/** Where lines cannot be written anew, there is one for each of so many parts. */
const coarseParts = 10;

/** Waits for a download and shows how it is doing. When the signal is aborted it is paused. @throws EngineError when the daemon cannot be started again */
export async function followDownload(models: ModelsClient, { id, source }: Pick<Download, 'id' | 'source'>, info: TerminalStream, signal: AbortSignal): Promise<DownloadEnd> {
  // What was heard may be from before: the one that was paused or has failed goes on.
  await models.watch(true);
  const before = downloadOf(models.status, id);
  if (before?.status.state === 'paused' || before?.status.state === 'failed') {
    await models.resume(id);
    await models.watch(true);
  }
  const store = new DisposableStore();
  const progress = new ProgressLine(info);
  let wanted = before?.source ?? source;
  try {
    return await new Promise<DownloadEnd>((resolve, reject) => {
      const see = (status: ModelsStatus | null): void => {
        if (status === null) {
          store.add(systemClock.setTimeout(() => void models.watch(true).catch(reject), againMs));
          return;
        }
        const download = downloadOf(status, id);
        // One that was under way may have been asked for by another name of the same file.
        wanted = download?.source ?? wanted;
        const end = endOf(status, download, wanted);
        if (end !== null) resolve(end);
        else if (download !== undefined) progress.show(progressText(download, info.isTTY === true));
      };
      const stop = (): void => {
        models.pause(id).then(() => resolve({ kind: 'stopped' }), reject);
      };
      store.add(models.onStatus(see));
      signal.addEventListener('abort', stop, { once: true });
      store.add({ dispose: () => signal.removeEventListener('abort', stop) });
      if (signal.aborted) stop();
      else see(models.status);
    });
  } finally {
    progress.end();
    store.dispose();
  }
}

function downloadOf(status: ModelsStatus | null, id: string): Download | undefined {
  return status?.downloads.find((download) => download.id === id);
}

function endOf({ installed }: ModelsStatus, download: Download | undefined, source: ModelSource): DownloadEnd | null {
  if (download === undefined) {
    const model = installed.find((one) => isDeepStrictEqual(one.source, source) && !one.missing);
    return model === undefined ? { kind: 'removed' } : { kind: 'installed', model };
  }
  if (download.status.state === 'failed') return { kind: 'failed', failure: download.status.failure };
  return download.status.state === 'paused' ? { kind: 'stopped' } : null;
}

/** `45 % · 1.2 GB of 4.7 GB · 34 MB/s · 2 min left · from huggingface.co`; in a file, less often and without what changes all the time. */
function progressText(download: Download, exact: boolean): string {
  const progress = downloadProgress(download);
  if (progress === null || download.status.state !== 'downloading') return downloadWords(download);
  if (exact) return `${Math.floor(progress * 100)} % · ${downloadWords(download)}`;
  return `${Math.floor(progress * coarseParts) * (100 / coarseParts)} %`;
}
