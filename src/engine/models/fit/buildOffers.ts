import type { FileOffer, ModelOffer } from '../../protocol/modelTypes.js';
import type { MachineMemoryFacts, ModelShape, Predictor } from '../predictor.js';
import { calibrated, type Measurement } from './calibration.js';
import { fitHere, judgeFit } from './judgeFit.js';
import { type LoadedNow, memoryBudget, roomFor } from './memoryBudget.js';
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
  readonly machine: MachineMemoryFacts;
  readonly predictor: Pick<Predictor, 'predict'>;
  /** Tokens per slot; 0 is the usual one. */
  readonly contextSize: number;
  readonly use: ModelUse;
  readonly loaded: LoadedNow;
  /** The user's budget for all models, in bytes; `Infinity` for none. */
  readonly limitBytes: number;
  readonly measurements: readonly Measurement[];
}

/** Models with what each of their files would do on this machine, and the best one for each role. @throws EngineError `cancelled` */
export async function buildOffers(models: readonly OfferedModel[], conditions: OfferConditions, signal: AbortSignal): Promise<ModelOffer[]> {
  const offers: ModelOffer[] = [];
  for (const model of models) offers.push(await judged(model, conditions, signal));
  return recommend(offers);
}

/** One model by itself: it is compared with nothing, so nothing is recommended. @throws EngineError `cancelled` */
export async function buildOffer(model: OfferedModel, conditions: OfferConditions, signal: AbortSignal): Promise<ModelOffer> {
  return judged(model, conditions, signal);
}

async function judged({ files, ...model }: OfferedModel, conditions: OfferConditions, signal: AbortSignal): Promise<ModelOffer> {
  const offered: FileOffer[] = [];
  for (const file of files) offered.push(await judgeFile(model, file, conditions, signal));
  return { ...model, files: offered };
}

async function judgeFile(model: Pick<ModelOffer, 'contextSize'>, { shape, path, ...file }: OfferedFile, conditions: OfferConditions, signal: AbortSignal): Promise<FileOffer> {
  const { machine, predictor, contextSize, use, loaded, limitBytes, measurements } = conditions;
  const budget = memoryBudget(machine, roomFor(path, loaded, limitBytes));
  const here = fitHere(shape, model, contextSize, use, budget.availableBytes);
  const { contextSize: tokens, kvType } = here.best ?? here.asked;
  const speed = calibrated(await predictor.predict({ shape, ...use, contextSize: tokens, kvType }, signal), path, measurements);
  const facts = file.source.kind === 'catalogue' ? 'catalogue' : 'repository';
  const basis = shape.kind === 'facts' ? facts : 'header';
  return { ...file, fit: judgeFit(here, speed, budget, speed.measured ? 'measured' : basis), recommendedFor: [] };
}
