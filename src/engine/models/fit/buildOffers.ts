import type { FileOffer, ModelOffer } from '../../protocol/modelTypes.js';
import type { ModelShape, Predictor } from '../predictor.js';
import { calibrated, type Measurement } from './calibration.js';
import { fitHere, judgeFit } from './judgeFit.js';
import { type MemoryBudget, memoryBudget } from './memoryBudget.js';
import type { ModelUse } from './modelNeeds.js';
import { recommend } from './recommend.js';

/** A file that can be had, before it is judged. */
export interface OfferedFile extends Omit<FileOffer, 'fit' | 'recommendedFor'> {
  readonly shape: ModelShape;
  /** Where it is, if it is installed: its own measurements are by this path. */
  readonly path: string | null;
}

export interface OfferedModel extends Omit<ModelOffer, 'files'> {
  readonly files: readonly OfferedFile[];
}

/** What the judgement depends on. */
export interface OfferConditions {
  readonly predictor: Predictor;
  /** Tokens per slot; 0 is the usual one. */
  readonly contextSize: number;
  readonly use: ModelUse;
  /** Bytes that loaded models hold now. */
  readonly ownBytes: number;
  /** The user's budget for all models, in bytes; 0 for none. */
  readonly limitBytes: number;
  readonly measurements: readonly Measurement[];
}

/** Models with what each of their files would do on this machine, and the best one for each role. @throws EngineError `cancelled` */
export async function buildOffers(models: readonly OfferedModel[], conditions: OfferConditions, signal: AbortSignal): Promise<ModelOffer[]> {
  const budget = memoryBudget(await conditions.predictor.machine(signal), conditions.ownBytes, conditions.limitBytes);
  const offers: ModelOffer[] = [];
  for (const { files, ...model } of models) {
    const judged: FileOffer[] = [];
    for (const file of files) judged.push(await judgeFile(model, file, budget, conditions, signal));
    offers.push({ ...model, files: judged });
  }
  return recommend(offers);
}

async function judgeFile(model: Pick<ModelOffer, 'contextSize'>, { shape, path, ...file }: OfferedFile, budget: MemoryBudget, conditions: OfferConditions, signal: AbortSignal): Promise<FileOffer> {
  const { predictor, contextSize, use, measurements } = conditions;
  const here = fitHere(shape, model, contextSize, use, budget.availableBytes);
  const { contextSize: tokens, kvType } = here.best ?? here.asked;
  const speed = calibrated(await predictor.predict({ shape, contextSize: tokens, kvType, ...use }, signal), path, measurements);
  const basis = shape.kind === 'facts' ? 'catalogue' : 'header';
  return { ...file, fit: judgeFit(here, speed, budget, speed.measured ? 'measured' : basis), recommendedFor: [] };
}
