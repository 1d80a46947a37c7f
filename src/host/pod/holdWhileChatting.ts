import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { EngineClient } from '../../engine/client/engineClient.js';
import { Hold } from '../hold.js';
import type { SettingsReader } from '../settingsReader.js';
import type { PodState } from './podState.js';

/** While the chat is in use and meant for the pod, the status bar has to know what became of that. */
export function holdWhileChatting(engine: EngineClient, settings: SettingsReader, state: PodState): Disposable {
  const store = new DisposableStore();
  const held = store.add(new Hold(() => state.hold()));
  const update = (): void => {
    const { state: chat } = engine.status.chat;
    held.set(settings.current.pod.model !== '' && chat !== 'off' && chat !== 'unloaded');
  };
  store.add(engine.onStatus(update));
  store.add(settings.onChange(update));
  update();
  return store;
}
