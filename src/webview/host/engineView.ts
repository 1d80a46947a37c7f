import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { EngineClient } from '../../engine/client/engineClient.js';
import { modelLabel } from '../../host/modelLabel.js';
import type { SettingsReader } from '../../host/settingsReader.js';
import { modelNameOf } from './answerRun.js';
import type { ChatModel } from './chatModel.js';

/** Name of the model that comes with Seekpod, as its file's metadata say. */
const demonstrationName = 'Calf';

/** Whether answers come, or would come, from the model that is bundled for demonstration. */
export function isDemonstration(engine: EngineClient, settings: SettingsReader): boolean {
  const name = modelNameOf(engine.status.chat);
  return name === null ? settings.current.model.chatPath === '' && settings.current.pod.model === '' : name.toLowerCase() === demonstrationName.toLowerCase();
}

/** What the chat model is called: by its own word once it is loaded, before that by its file. */
export function chatModelName(engine: EngineClient, settings: SettingsReader): string {
  const { model, pod } = settings.current;
  const path = pod.model.trim() === '' ? model.chatPath.trim() : pod.model.trim();
  return modelNameOf(engine.status.chat) ?? (path === '' ? demonstrationName : modelLabel(path));
}

/** Keeps the view's picture of the engine up to date. */
export function followEngine(engine: EngineClient, settings: SettingsReader, model: ChatModel): Disposable {
  const owned = new DisposableStore();
  const update = (): void => model.dispatch({ kind: 'engine', engine: engine.status.chat, demonstration: isDemonstration(engine, settings), modelName: chatModelName(engine, settings) });
  owned.add(engine.onStatus(update));
  owned.add(settings.onChange(update));
  return owned;
}
