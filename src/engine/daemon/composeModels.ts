import fs from 'node:fs';
import path from 'node:path';
import { systemClock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { FileFinder } from '../models/fetch/rangeSource.js';
import type { ModelJudge } from '../models/fit/modelJudge.js';
import { ModelsService } from '../models/modelsService.js';
import type { DaemonArguments } from './daemonArguments.js';

/** The models of this machine, of which `heldFiles` are in memory. Reads nothing before it is started or somebody asks. */
export function composeModels(args: DaemonArguments, heldFiles: () => readonly string[], judge: ModelJudge, pod: FileFinder, log: Logger): ModelsService {
  return new ModelsService({
    directory: path.join(args.stateDirectory, 'models'),
    bundledModel: args.bundledModel,
    clock: systemClock,
    log: log.child('models'),
    judge,
    pod,
    inUse: (file) => heldFiles().some((held) => realPath(held) === realPath(file)),
  });
}

/** Resolves links, so that two names of one file are one model. */
export function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    // Whoever opens it says what is wrong with it.
    return file;
  }
}
