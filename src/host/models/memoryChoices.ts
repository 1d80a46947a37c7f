import os from 'node:os';
import * as vscode from 'vscode';
import { assertNever, type Failure, type MemoryChoice, type Role } from '../../engine/base/errors.js';
import { memoryChoiceTitle } from '../../engine/protocol/memoryChoiceText.js';
import { modelPath } from '../engineOptions.js';
import { withContextSize } from '../modelOverrides.js';
import { readSettings, writeSetting } from '../settings.js';

type TooLarge = Extract<Failure, { code: 'insufficientMemory' }>;

/** A button for something that would make a model fit. */
export interface MemoryButton {
  readonly title: string;
  take(): Promise<void>;
}

/** Does what the user chose: a setting changes, and the engine follows, or a choice is offered. */
export async function takeMemoryChoice(choice: MemoryChoice, role: Role, path: string): Promise<void> {
  switch (choice.kind) {
    case 'kvType':
      return writeSetting('engine.kvType', choice.kvType);
    case 'smallerContext':
      return writeContextSize(role, path, choice.contextSize);
    case 'smallerQuantization':
      return vscode.commands.executeCommand(role === 'chat' ? 'seekpod.chooseChatModel' : 'seekpod.chooseCompletionModel');
    case 'pod':
      return vscode.commands.executeCommand('seekpod.pod.runModel', path);
    default:
      return assertNever(choice);
  }
}

/** In effect where it is said: what the settings say of this very model comes before the setting of the role. */
async function writeContextSize(role: Role, path: string, contextSize: number): Promise<void> {
  const overrides = withContextSize(readSettings().models.overrides, path, contextSize);
  await (overrides === null ? writeSetting(`${role}.contextSize`, contextSize) : writeSetting('models.overrides', overrides));
}

/** The part of the engine that the settings give a file to, for a failure that does not say it. */
function roleOf(path: string): Role {
  return modelPath(readSettings().model.completionPath, { bundledModel: '', home: os.homedir() }) === path ? 'completion' : 'chat';
}

/** Buttons for what would make a model fit; the pod is for the chat alone. */
export function memoryButtons({ path, choices }: TooLarge, named?: Role): MemoryButton[] {
  const role = named ?? roleOf(path);
  return choices
    .filter(({ kind }) => kind !== 'pod' || role === 'chat')
    .map((choice) => ({ title: memoryChoiceTitle(choice), take: () => takeMemoryChoice(choice, role, path) }));
}
