import fs from 'node:fs';
import path from 'node:path';
import { systemClock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { FileFinder } from '../models/fetch/rangeSource.js';
import type { ModelJudge } from '../models/fit/modelJudge.js';
import { ModelsService } from '../models/modelsService.js';
import type { EngineService } from '../runtime/engineService.js';
import type { DaemonArguments } from './daemonArguments.js';

/** The models of this machine. Reads nothing before it is started or somebody asks. */
export function composeModels(args: DaemonArguments, engine: EngineService, judge: ModelJudge, pod: FileFinder, log: Logger): ModelsService {
  return new ModelsService({
    directory: path.join(args.stateDirectory, 'models'),
    bundledModel: args.bundledModel,
    clock: systemClock,
    log: log.child('models'),
    judge,
    pod,
    inUse: (file) => isLoaded(engine, file),
  });
}

function isLoaded(engine: EngineService, file: string): boolean {
  return [engine.status.completion, engine.status.chat].some((role) => (role.state === 'ready' || role.state === 'generating') && realPath(role.model.path) === realPath(file));
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
