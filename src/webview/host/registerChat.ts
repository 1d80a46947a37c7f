import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type * as vscode from 'vscode';
import type { Clock } from '../../engine/base/clock.js';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { Logger } from '../../engine/base/logger.js';
import type { EngineClient } from '../../engine/client/engineClient.js';
import type { Places } from '../../host/engineOptions.js';
import type { SettingsReader } from '../../host/settingsReader.js';
import { type ChatState, noDraft } from '../chatState.js';
import { Answers } from './answers.js';
import { registerChatCommands } from './chatCommands.js';
import { ChatController } from './chatController.js';
import { ChatMemory } from './chatMemory.js';
import { ChatModel } from './chatModel.js';
import type { AttachmentSource } from './chatPorts.js';
import { ChatViewProvider } from './chatViewProvider.js';
import { ConversationLibrary } from './conversationLibrary.js';
import { ConversationStore, diskFiles } from './conversationStore.js';
import { chatModelName, followEngine, isDemonstration } from './engineView.js';
import { editorPorts } from './editorPorts.js';
import { ProposedChanges } from './proposedChange.js';

export interface ChatDeps {
  readonly context: vscode.ExtensionContext;
  readonly engine: EngineClient;
  readonly settings: SettingsReader;
  readonly places: Places;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface Chat {
  /** What the chat view shows. */
  readonly state: ChatState;
  /** Shows the view and asks in a fresh conversation; settles when the answer has ended, and never rejects for its failure. */
  ask(question: string, attachments?: readonly AttachmentSource[]): Promise<void>;
  /** Ends open answers and writes everything to the disk; for the extension's deactivation. */
  close(): Promise<void>;
}

/** Composes the chat and registers its view and commands. Reads the conversations when first asked for, not at activation. */
export function registerChat({ context, engine, settings, places, log, clock }: ChatDeps): Chat & Disposable {
  const owned = new DisposableStore();
  const now = (): number => Date.now();
  const newId = (): string => randomUUID();
  const store = new ConversationStore(path.join(context.globalStorageUri.fsPath, 'conversations'), diskFiles);
  // Without a folder open there is no storage of the workspace.
  const memory = new ChatMemory(path.join((context.storageUri ?? context.globalStorageUri).fsPath, 'chat.json'), diskFiles, log);
  const library = owned.add(new ConversationLibrary({ store, clock, now, newId }));
  const ports = editorPorts(owned.add(new ProposedChanges()));
  const initial: ChatState = {
    conversation: library.fresh(),
    summaries: [],
    engine: engine.status.chat,
    demonstration: isDemonstration(engine, settings),
    modelName: chatModelName(engine, settings),
    attachments: [],
    notices: [],
    search: null,
    draft: noDraft,
  };
  const model = owned.add(new ChatModel(initial, newId));
  owned.add(followEngine(engine, settings, model));
  const answers = owned.add(new Answers({ engine, library, settings, places, clock, now, newId, onRunning: (count) => ports.setBusy(count > 0) }));
  const chat = owned.add(new ChatController({ engine, library, model, answers, ports, memory, log, now, newId }));
  const view = owned.add(new ChatViewProvider(context.extensionUri, model, chat, clock, log));
  owned.add(registerChatCommands({ chat, model, view }));
  return {
    get state() {
      return model.state;
    },
    async ask(question, attachments = []) {
      await view.reveal({ type: 'focusComposer' });
      await chat.askFresh(question, attachments);
    },
    close: () => chat.close(),
    dispose: () => owned.dispose(),
  };
}
