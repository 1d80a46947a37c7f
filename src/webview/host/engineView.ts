import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { EngineClient } from '../../engine/client/engineClient.js';
import type { SettingsReader } from '../../host/settingsReader.js';
import { modelNameOf } from './answerRun.js';
import type { ChatModel } from './chatModel.js';

/** Name of the model that comes with Seekpod, as its file's metadata say. */
const demonstrationName = 'calf';

/** Whether answers come, or would come, from the model that is bundled for demonstration. */
export function isDemonstration(engine: EngineClient, settings: SettingsReader): boolean {
  const name = modelNameOf(engine.status.chat);
  return name === null ? settings.current.model.chatPath === '' && settings.current.pod.model === '' : name.toLowerCase() === demonstrationName;
}

/** Keeps the view's picture of the engine up to date. */
export function followEngine(engine: EngineClient, settings: SettingsReader, model: ChatModel): Disposable {
  const owned = new DisposableStore();
  const update = (): void => model.dispatch({ kind: 'engine', engine: engine.status.chat, demonstration: isDemonstration(engine, settings) });
  owned.add(engine.onStatus(update));
  owned.add(settings.onChange(update));
  return owned;
}
