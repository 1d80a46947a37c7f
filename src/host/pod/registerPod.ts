import os from 'node:os';
import type { Clock } from '../../engine/base/clock.js';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { Logger } from '../../engine/base/logger.js';
import type { EngineClient } from '../../engine/client/engineClient.js';
import { modelPath, type Places, podOptions } from '../engineOptions.js';
import type { SettingsReader } from '../settingsReader.js';
import { tellAskedPairings } from './pairing/askedToPair.js';
import { ConsideredPlan } from './consideredPlan.js';
import { holdWhileChatting } from './holdWhileChatting.js';
import { registerPodCommands } from './podCommands.js';
import { PodDoctor } from './podDoctor.js';
import { PodModel } from './podModel.js';
import { PodPresence } from './podPresence.js';
import { PodState } from './podState.js';
import { PodView } from './podView.js';

export interface PodDeps {
  readonly engine: EngineClient;
  readonly settings: SettingsReader;
  readonly places: Places;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Pod {
  /** Offers the pod for a chat model that does not fit here; answers whether that is settled. */
  offer(file: string): Promise<boolean>;
}

/** Composes the pod's part of a window and registers its view and commands. The daemon is not started by it. */
export function registerPod({ engine, settings, places, clock, log }: PodDeps): Pod & Disposable {
  const { pod } = engine;
  const store = new DisposableStore();
  const state = store.add(new PodState(pod));
  const plans = store.add(new ConsideredPlan({ pod, state, clock, log, options: (path) => podOptions(settings.current, modelPath(path, places), places.home) }));
  const presence = store.add(new PodPresence({ pod, state, settings, clock, log, hostName: os.hostname() }));
  const model = new PodModel({ engine, state, plans, settings, places, log });
  const doctor = store.add(new PodDoctor(pod));
  store.add(new PodView(state));
  store.add(tellAskedPairings(state));
  store.add(holdWhileChatting(engine, settings, state));
  store.add(registerPodCommands({ pod, state, settings, presence, model, doctor, log }));
  return { offer: (file) => model.offer(file), dispose: () => store.dispose() };
}
