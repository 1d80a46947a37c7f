import { layeredModel } from './testModels.js';
import type { SessionOptions } from './vscodeSession.js';

/** A chat model with random weights: it writes on until its context is full, slowly, so that there is time to break it off. */
export function ramblingModel(): SessionOptions {
  return { settings: { 'seekpod.chat.temperature': 0 }, machineSettings: { 'seekpod.model.chatPath': layeredModel(), 'seekpod.engine.threads': 1 } };
}
