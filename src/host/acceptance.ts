import * as vscode from 'vscode';
import type { Disposable } from '../engine/base/disposable.js';
import type { Logger } from '../engine/base/logger.js';
import type { SuggestionSource } from '../engine/completion/outcome.js';

/** VS Code runs it when a whole suggestion has been accepted; it is not in the palette. */
const acceptedCommand = 'seekpod.completion.accepted';

/** Counts how many of this window's suggestions are accepted. The figures stand in the output channel and nowhere else. */
export class Acceptance implements Disposable {
  readonly #command: vscode.Disposable;
  #offered = 0;
  #accepted = 0;
  #characters = 0;

  constructor(log: Logger) {
    this.#command = vscode.commands.registerCommand(acceptedCommand, (characters: unknown) => {
      this.#accepted++;
      if (typeof characters === 'number') this.#characters += characters;
      log.debug(`accepted ${this.#accepted} of ${this.#offered} suggestions, ${this.#characters} characters`);
    });
  }

  /** Counts a suggestion and answers the command to attach to it. What is typed through was offered before. */
  offer(text: string, source: SuggestionSource): vscode.Command {
    if (source !== 'typedThrough') this.#offered++;
    // The title is required and shown nowhere.
    return { command: acceptedCommand, title: '', arguments: [text.length] };
  }

  dispose(): void {
    this.#command.dispose();
  }
}
