import { EngineError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { type DownloadQueueOptions, DownloadQueue } from './downloadQueue.js';
import { readDownloads } from './downloadRecord.js';
import { readModel } from './importModel.js';
import { InstalledModels, type InstalledRecord } from './installedModels.js';
import { findModels } from './recoverModels.js';

export interface StoreOptions {
  /** Holds the lists. */
  readonly directory: string;
  /** The model that ships inside. */
  readonly bundledModel: string;
  /** Where downloads are put that were not told otherwise. */
  readonly downloads: string;
  readonly log: Logger;
}

/** The models on this machine and those under way. */
export interface ModelStore {
  readonly installed: InstalledModels;
  readonly queue: DownloadQueue;
}

/**
 * Reads the lists. Where that of the models was damaged the folder of downloads says what there is; other models can be imported again.
 * @throws EngineError `fileUnreadable`, `storageFailed`, `diskFull`, `cancelled`
 */
export async function openStore({ directory, bundledModel, downloads, log }: StoreOptions, queueOptions: Pick<DownloadQueueOptions, 'clock' | 'run' | 'done'>, signal: AbortSignal): Promise<ModelStore> {
  const installed = await InstalledModels.open(directory, await bundled(bundledModel, log, signal));
  if (installed.damagedKeptAs !== null) {
    log.warn(`the list of installed models was damaged and is now ${installed.damagedKeptAs}; what is in ${downloads} is taken into a new one`);
    for (const record of await findModels(downloads, signal)) await installed.put(record);
  }
  const { records, keptAs } = await readDownloads(directory);
  if (keptAs !== null) log.warn(`the list of downloads was damaged and is now ${keptAs}; what has come is gone on with when the models are asked for again`);
  const isInstalled = (file: string): boolean => installed.at(file) !== null;
  return { installed, queue: await DownloadQueue.open({ ...queueOptions, directory, log, isInstalled }, records) };
}

async function bundled(file: string, log: Logger, signal: AbortSignal): Promise<InstalledRecord | null> {
  try {
    return await readModel(file, 'bundled', signal);
  } catch (error) {
    if (EngineError.is(error, 'cancelled')) throw error;
    log.warn(`the bundled model is not listed: ${String(error)}`);
    return null;
  }
}
