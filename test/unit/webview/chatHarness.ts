import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Disposable, DisposableStore } from '../../../src/engine/base/disposable.js';
import { Emitter } from '../../../src/engine/base/event.js';
import { Logger, type LogRecord } from '../../../src/engine/base/logger.js';
import { validateSettings } from '../../../src/host/settingsValidation.js';
import type { SettingKey, Settings } from '../../../src/host/settingsTable.js';
import { noDraft } from '../../../src/webview/chatState.js';
import { Answers } from '../../../src/webview/host/answers.js';
import { ChatController } from '../../../src/webview/host/chatController.js';
import { ChatMemory } from '../../../src/webview/host/chatMemory.js';
import { ChatModel } from '../../../src/webview/host/chatModel.js';
import type { AttachOutcome, ChatPorts } from '../../../src/webview/host/chatPorts.js';
import { ConversationLibrary } from '../../../src/webview/host/conversationLibrary.js';
import { ConversationStore, diskFiles, type StoreFiles } from '../../../src/webview/host/conversationStore.js';
import { followEngine } from '../../../src/webview/host/engineView.js';
import { ManualClock } from '../../support/manualClock.js';
import { FakeEngineClient } from './fakeEngineClient.js';

const values: Partial<Record<SettingKey, unknown>> = { 'chat.maxTokens': 64, 'chat.temperature': 0, 'chat.topP': 1, 'chat.seed': 1 };

/** One window's chat, whole but for the engine and the editor. */
export class ChatHarness implements Disposable {
  readonly #owned = new DisposableStore();
  readonly engine = this.#owned.add(new FakeEngineClient());
  readonly clock = new ManualClock();
  readonly logged: LogRecord[] = [];
  readonly log = new Logger({ write: (record) => this.logged.push(record) }, 'test');
  readonly copied: string[] = [];
  readonly exported: { readonly name: string; readonly text: string }[] = [];
  readonly busy: boolean[] = [];
  readonly memoryChoices: unknown[] = [];
  attachable: AttachOutcome = { kind: 'refused', reason: 'noEditor' };
  readonly library: ConversationLibrary;
  readonly memory: ChatMemory;
  readonly model: ChatModel;
  readonly answers: Answers;
  readonly chat: ChatController;

  constructor(folder: string, options: { readonly files?: StoreFiles; readonly name?: string } = {}) {
    let ids = 0;
    let moments = 1_000;
    const newId = (): string => `${options.name ?? 'w'}-${ids++}`;
    const now = (): number => moments++;
    const { engine, clock, log } = this;
    const settings = { current: validateSettings((key) => values[key]).settings, invalid: [], onChange: this.#owned.add(new Emitter<Settings>()).event };
    const store = new ConversationStore(path.join(folder, 'conversations'), options.files ?? diskFiles);
    this.memory = new ChatMemory(path.join(folder, 'workspace', 'chat.json'), options.files ?? diskFiles, log);
    const ports: ChatPorts = {
      attach: () => Promise.resolve(this.attachable),
      copy: async (text) => void this.copied.push(text),
      insertAtCursor: () => Promise.resolve('noEditor'),
      proposeChange: () => Promise.resolve('done'),
      newFile: () => Promise.resolve(),
      openLink: () => Promise.resolve(),
      saveMarkdown: async (name, text) => void this.exported.push({ name, text }),
      chooseModel: () => Promise.resolve(),
      takeMemoryChoice: async (choice, path) => void this.memoryChoices.push([choice, path]),
      setBusy: (busy) => this.busy.push(busy),
    };
    this.library = this.#owned.add(new ConversationLibrary({ store, clock, now, newId }));
    const initial = { conversation: this.library.fresh(), summaries: [], engine: engine.status.chat, demonstration: true, modelName: 'Calf', attachments: [], notices: [], search: null, draft: noDraft };
    this.model = this.#owned.add(new ChatModel(initial, newId));
    this.#owned.add(followEngine(engine, settings, this.model));
    this.answers = this.#owned.add(new Answers({ engine, library: this.library, settings, places: { bundledModel: '/ext/models/calf.gguf', home: '/home/ada' }, clock, now, newId, onRunning: (count) => ports.setBusy(count > 0) }));
    this.chat = this.#owned.add(new ChatController({ engine, library: this.library, model: this.model, answers: this.answers, ports, memory: this.memory, log, now, newId }));
  }

  get notices(): string[] {
    return this.model.state.notices.map((notice) => (notice.kind === 'failure' ? notice.failure.code : notice.kind === 'hint' ? notice.hint : notice.kind));
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

export function temporaryFolder(): Promise<string> {
  return fs.mkdtemp(path.join(os.tmpdir(), 'seekpod-chat-'));
}
