import * as vscode from 'vscode';
import type { Clock } from '../engine/base/clock.js';
import { type Disposable, DisposableStore } from '../engine/base/disposable.js';
import type { CompletionEngine } from '../engine/completion/completionEngine.js';
import { chunkLines, type RecentChunks } from '../engine/completion/recentChunks.js';
import { mayHoldSecrets } from '../engine/completion/secretFiles.js';
import { documentSnapshot } from './documentSnapshot.js';
import type { SettingsReader } from './settingsReader.js';

/** A cursor that moves further than this has left a place behind. */
const jumpLines = 32;
/** Nobody reads such a file as code. */
const mostLines = 50_000;
/** The keyboard and the cursor have been still for this long, in milliseconds. */
const idleMs = 3_000;

export interface RecentChunksFeedDeps {
  readonly chunks: RecentChunks;
  readonly completion: Pick<CompletionEngine, 'warm'>;
  readonly settings: SettingsReader;
  readonly clock: Clock;
  /** Whether the model is in memory: reading code alone does not load it. */
  readonly modelReady: () => boolean;
}

interface Place {
  readonly document: vscode.TextDocument;
  readonly line: number;
}

/**
 * Hands the places where the user works to the ring: those left by a jump or for another editor, and saved files.
 * They enter in an idle moment, and the slot of a loaded model is warmed with the new prompt at once.
 */
export function feedRecentChunks({ chunks, completion, settings, clock, modelReady }: RecentChunksFeedDeps): Disposable {
  const store = new DisposableStore();
  let last: Place | null = null;
  let timer: Disposable | null = null;

  const idle = (): void => {
    timer = null;
    const editor = vscode.window.activeTextEditor;
    if (!chunks.admit(settings.current.completion.recentChunks) || editor === undefined || !modelReady()) return;
    const snapshot = documentSnapshot(editor.document, editor.selection.active, { trigger: 'automatic', changedAt: clock.now() });
    void completion.warm(snapshot);
  };
  const stir = (): void => {
    timer?.dispose();
    timer = chunks.waiting > 0 ? clock.setTimeout(idle, idleMs) : null;
  };
  const offer = (place: Place | null): void => {
    if (place !== null && worthKeeping(place.document, settings)) chunks.offer(chunkAround(place));
  };

  store.add(
    vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
      const line = selections[0]?.active.line ?? 0;
      const { document } = textEditor;
      if (last !== null && (last.document !== document || Math.abs(last.line - line) > jumpLines)) offer(last);
      last = { document, line };
      stir();
    }),
  );
  store.add(
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (last !== null && last.document !== editor?.document) offer(last);
      last = editor ? { document: editor.document, line: editor.selection.active.line } : null;
      stir();
    }),
  );
  store.add(
    vscode.workspace.onDidSaveTextDocument((document) => {
      if (last?.document === document) offer(last);
      stir();
    }),
  );
  store.add({ dispose: () => timer?.dispose() });
  return store;
}

function worthKeeping(document: vscode.TextDocument, settings: SettingsReader): boolean {
  const { enabled, recentChunks } = settings.current.completion;
  if (!enabled || recentChunks === 0 || document.isClosed) return false;
  return document.uri.scheme === 'file' && document.lineCount <= mostLines && !mayHoldSecrets(document.uri.path);
}

function chunkAround({ document, line }: Place): { uri: string; path: string; text: string } {
  const from = Math.max(0, Math.min(line - chunkLines / 2, document.lineCount - chunkLines));
  const to = Math.min(document.lineCount, from + chunkLines);
  const text = document.getText(new vscode.Range(from, 0, to, 0)).replaceAll('\r\n', '\n');
  return { uri: document.uri.toString(), path: vscode.workspace.asRelativePath(document.uri, false).replaceAll('\\', '/'), text };
}
