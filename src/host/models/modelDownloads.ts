import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { assertNever, type Failure, type Role } from '../../engine/base/errors.js';
import type { Logger } from '../../engine/base/logger.js';
import type { ModelsClient } from '../../engine/client/modelsClient.js';
import { failureText } from '../../engine/protocol/failureText.js';
import type { FileOffer, InstalledModel, ModelOffer } from '../../engine/protocol/modelTypes.js';
import { Hold } from '../hold.js';
import { notificationText } from '../notificationText.js';
import { reportFailure } from '../reportFailure.js';
import { withCancel } from '../withCancel.js';
import type { Licences } from './licences.js';
import type { ModelFiles } from './modelFiles.js';
import { fitsHere } from './modelUse.js';
import type { ModelsState } from './modelsState.js';
import { type DownloadOutcome, outcomeOf, type WantedDownload } from './wantedDownloads.js';

export interface ModelDownloadsDeps {
  readonly models: ModelsClient;
  readonly state: ModelsState;
  readonly licences: Licences;
  readonly files: ModelFiles;
  readonly log: Logger;
}

/** The downloads that this window asks for: licence first, then the queue of the daemon, and at the end the role that it was for. */
export class ModelDownloads implements Disposable {
  readonly #store = new DisposableStore();
  readonly #seen = this.#store.add(new Hold(() => this.deps.state.hold()));
  readonly #wanted = new Map<string, WantedDownload>();
  /** Downloads whose failure has been told, until they run again. Those that are tried again by themselves are told of when that ends. */
  readonly #told = new Map<string, { readonly again: boolean }>();

  constructor(private readonly deps: ModelDownloadsDeps) {
    this.#store.add(deps.state.onChange(() => this.#follow()));
  }

  /** Fetches a file for a role, once its licence is accepted. Settles when the download is in the queue. */
  async fetch(offer: ModelOffer, file: FileOffer, role: Role): Promise<void> {
    const { licence } = offer;
    const restricted = licence?.restricted === true;
    if (restricted && !(await this.deps.licences.accept(offer.name, licence))) return;
    this.#seen.set(true);
    try {
      const id = await withCancel(vscode.l10n.t('Preparing the download of {0}', offer.name), (signal) => this.deps.models.pull(file.source, restricted ? licence.id : null, signal));
      this.#wanted.set(id, { id, name: offer.name, source: file.source, role, fitsHere: fitsHere(file.fit), listed: false });
    } finally {
      this.#follow();
    }
    await vscode.commands.executeCommand('seekpod.models.focus');
  }

  dispose(): void {
    this.#store.dispose();
  }

  #follow(): void {
    const { status } = this.deps.state;
    if (status !== null) for (const wanted of Array.from(this.#wanted.values())) this.#settle(wanted, outcomeOf(wanted, status));
    this.#seen.set(this.#wanted.size > 0);
  }

  #settle(wanted: WantedDownload, outcome: DownloadOutcome): void {
    const { id } = wanted;
    switch (outcome.kind) {
      case 'waiting':
        break;
      case 'running':
        this.#wanted.set(id, { ...wanted, listed: true });
        if (this.#told.get(id)?.again !== true) this.#told.delete(id);
        break;
      case 'failed':
        this.#wanted.set(id, { ...wanted, listed: true });
        if (isNews(this.#told.get(id), outcome)) void this.#tellFailure(wanted, outcome.failure);
        this.#told.set(id, outcome);
        break;
      case 'installed':
        this.#wanted.delete(id);
        void reportFailure(this.deps.log, () => this.#use(wanted, outcome.model));
        break;
      case 'gone':
        this.#wanted.delete(id);
        break;
      default:
        assertNever(outcome);
    }
  }

  async #tellFailure({ id, name }: WantedDownload, failure: Failure): Promise<void> {
    const resume = vscode.l10n.t('Resume');
    const view = vscode.l10n.t('Show Models');
    const chosen = await vscode.window.showErrorMessage(notificationText(`${name}: ${failureText(failure)}`), resume, view);
    if (chosen === resume) await reportFailure(this.deps.log, () => this.deps.models.resume(id));
    if (chosen === view) await vscode.commands.executeCommand('seekpod.models.focus');
  }

  async #use({ role, fitsHere }: WantedDownload, model: InstalledModel): Promise<void> {
    await this.deps.files.use(model, role, fitsHere);
    const text = role === 'chat' ? vscode.l10n.t('{0} is here and answers in the chat from now on.', model.name) : vscode.l10n.t('{0} is here and completes code from now on.', model.name);
    const ask = vscode.l10n.t('Ask DeepSeek');
    const chosen = await vscode.window.showInformationMessage(notificationText(text), ...(role === 'chat' ? [ask] : []));
    if (chosen === ask) await vscode.commands.executeCommand('seekpod.ask');
  }
}

/** Whether the user has not been told of a failure, or not that nothing follows it. */
function isNews(told: { readonly again: boolean } | undefined, { again }: { readonly again: boolean }): boolean {
  return told === undefined || (told.again && !again);
}
