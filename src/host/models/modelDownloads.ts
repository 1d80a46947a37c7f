import * as vscode from 'vscode';
import { delay } from '../../engine/base/async.js';
import type { Clock } from '../../engine/base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../../engine/base/disposable.js';
import { assertNever, type Failure, type Role } from '../../engine/base/errors.js';
import type { Logger } from '../../engine/base/logger.js';
import type { ModelsClient } from '../../engine/client/modelsClient.js';
import { failureText } from '../../engine/protocol/failureText.js';
import type { FileOffer, InstalledModel, ModelOffer } from '../../engine/protocol/modelTypes.js';
import { Hold } from '../hold.js';
import type { LastFocus } from '../lastFocus.js';
import { notificationText } from '../notificationText.js';
import { reportFailure } from '../reportFailure.js';
import { withCancel } from '../withCancel.js';
import type { Licences } from './licences.js';
import type { ModelFiles } from './modelFiles.js';
import { fitsHere } from './modelUse.js';
import type { ModelsState } from './modelsState.js';
import type { NetworkFollower } from './network/networkFollower.js';
import { type DownloadOutcome, outcomeOf, type WantedDownload } from './wantedDownloads.js';
import type { WantedFiles } from './wantedFiles.js';

/** How long the window that the user is in has to use a model before another one does. */
const precedenceMs = 2_000;

const keyOf = ({ id, role }: WantedDownload): string => `${id} ${role}`;

export interface ModelDownloadsDeps {
  readonly models: ModelsClient;
  readonly state: ModelsState;
  readonly licences: Licences;
  readonly files: ModelFiles;
  readonly network: NetworkFollower;
  readonly wanted: WantedFiles;
  readonly lastFocus: LastFocus;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The downloads that this window asks for: licence first, then the queue of the daemon, and at the end the role that it was for. Also
 * those that it asked for before it was reloaded, and those of windows that have been closed since.
 */
export class ModelDownloads implements Disposable {
  readonly #store = new DisposableStore();
  readonly #seen = this.#store.add(new Hold(() => this.deps.state.hold()));
  readonly #wanted = new Map<string, WantedDownload>();
  /** Downloads whose failure has been told, until they run again. Those that are tried again by themselves are told of when that ends. */
  readonly #told = new Map<string, { readonly again: boolean }>();
  readonly #ended = new AbortController();

  constructor(private readonly deps: ModelDownloadsDeps) {
    this.#store.add(toDisposable(() => this.#ended.abort()));
    this.#store.add(deps.state.onChange(() => this.#follow()));
    void reportFailure(deps.log, () => this.#recall());
  }

  /** Fetches a file for a role, once its licence is accepted. Settles when the download is in the queue. */
  async fetch(offer: ModelOffer, file: FileOffer, role: Role): Promise<void> {
    const { licence } = offer;
    const restricted = licence?.restricted === true;
    if (restricted && !(await this.deps.licences.accept(offer.name, licence))) return;
    this.#seen.set(true);
    try {
      const id = await withCancel(vscode.l10n.t('Preparing the download of {0}', offer.name), (signal) => this.deps.models.pull(file.source, restricted ? licence.id : null, signal));
      const wanted = { id, name: offer.name, source: file.source, role, fitsHere: fitsHere(file.fit), listed: false };
      await this.deps.wanted.keep(wanted);
      this.#wanted.set(keyOf(wanted), wanted);
    } finally {
      this.#follow();
    }
    await vscode.commands.executeCommand('seekpod.models.focus');
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** The daemon is started for them: it goes on with what is not whole yet. */
  async #recall(): Promise<void> {
    const recalled = await this.deps.wanted.all();
    if (recalled.length === 0) return;
    await this.deps.network.apply();
    if (this.#ended.signal.aborted) return;
    for (const wanted of recalled) {
      if (this.#wanted.has(keyOf(wanted))) continue;
      this.#wanted.set(keyOf(wanted), wanted);
      // Its failure was told before.
      this.#told.set(keyOf(wanted), { again: false });
    }
    this.#follow();
  }

  #follow(): void {
    const { status } = this.deps.state;
    if (status !== null) for (const wanted of Array.from(this.#wanted.values())) this.#settle(wanted, outcomeOf(wanted, status));
    this.#seen.set(this.#wanted.size > 0);
  }

  #settle(wanted: WantedDownload, outcome: DownloadOutcome): void {
    const key = keyOf(wanted);
    switch (outcome.kind) {
      case 'waiting':
        break;
      case 'running':
        this.#wanted.set(key, { ...wanted, listed: true });
        if (this.#told.get(key)?.again !== true) this.#told.delete(key);
        break;
      case 'failed':
        this.#wanted.set(key, { ...wanted, listed: true });
        if (isNews(this.#told.get(key), outcome)) void this.#tellFailure(wanted, outcome.failure);
        this.#told.set(key, outcome);
        break;
      case 'installed':
        this.#wanted.delete(key);
        void reportFailure(this.deps.log, () => this.#useOnce(wanted, outcome.model));
        break;
      case 'gone':
        this.#wanted.delete(key);
        void reportFailure(this.deps.log, async () => void (await this.deps.wanted.take(wanted)));
        break;
      default:
        assertNever(outcome);
    }
  }

  async #tellFailure({ id, name }: WantedDownload, failure: Failure): Promise<void> {
    const row = this.deps.state.status?.downloads.find((download) => download.id === id);
    const resume = vscode.l10n.t('Resume');
    const view = vscode.l10n.t('Show Models');
    const chosen = await vscode.window.showErrorMessage(notificationText(`${row?.name ?? name}: ${failureText(failure)}`), resume, view);
    if (chosen === resume) await reportFailure(this.deps.log, () => this.deps.models.resume(id));
    if (chosen === view) await vscode.commands.executeCommand('seekpod.models.focus');
  }

  async #useOnce(wanted: WantedDownload, model: InstalledModel): Promise<void> {
    if (!(await this.deps.lastFocus.isHere())) await delay(precedenceMs, this.#ended.signal, this.deps.clock);
    if (await this.deps.wanted.take(wanted)) await this.#use(wanted, model);
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
