import * as vscode from 'vscode';
import { contextWindow } from '../engine/completion/contextWindow.js';
import type { DocumentSnapshot, Trigger } from '../engine/completion/snapshot.js';

/** A longer line is not sent on; the pipeline refuses it anyway. */
const lineCharacters = 4_096;

export interface SnapshotOptions {
  readonly trigger: Trigger;
  /** When the document last changed, on the engine's clock. */
  readonly changedAt: number;
  /** The item chosen in the suggest widget, which the snapshot shows as if it had been accepted. */
  readonly selected?: vscode.SelectedCompletionInfo | undefined;
}

/** Takes the window around a position out of a document; the cost does not depend on the document's size. */
export function documentSnapshot(document: vscode.TextDocument, position: vscode.Position, options: SnapshotOptions): DocumentSnapshot {
  const { trigger, changedAt, selected } = options;
  const window = contextWindow(position.line, document.lineCount);
  const line = document.lineAt(position.line).text;
  const left = selected ? line.slice(0, selected.range.start.character) + selected.text : line.slice(0, position.character);
  const right = line.slice(selected ? selected.range.end.character : position.character);
  const lineEnd = new vscode.Position(position.line, line.length);
  const lastLine = document.lineAt(window.endLine - 1).range.end;
  return {
    uri: document.uri.toString(),
    path: vscode.workspace.asRelativePath(document.uri, false).replaceAll('\\', '/'),
    languageId: document.languageId,
    version: document.version,
    line: position.line,
    firstLine: window.firstLine,
    prefix: textOf(document, new vscode.Range(window.firstLine, 0, position.line, 0)),
    linePrefix: left.slice(-lineCharacters),
    lineSuffix: right.slice(0, lineCharacters),
    below: textOf(document, new vscode.Range(lineEnd, lastLine)),
    trigger,
    changedAt,
  };
}

function textOf(document: vscode.TextDocument, range: vscode.Range): string {
  const text = document.getText(range);
  return document.eol === vscode.EndOfLine.CRLF ? text.replaceAll('\r\n', '\n') : text;
}
