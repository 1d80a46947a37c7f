import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { failureOf } from '../../engine/base/errors.js';
import type { Logger } from '../../engine/base/logger.js';
import type { EngineClient } from '../../engine/client/engineClient.js';
import { formatBytes } from '../../engine/protocol/failureText.js';
import { startStepText } from '../../engine/protocol/podText.js';
import type { PlanPreview } from '../../engine/protocol/podTypes.js';
import { engineOptions, modelPath, type Places } from '../engineOptions.js';
import { modelLabel } from '../modelLabel.js';
import { notificationText } from '../notificationText.js';
import { pickModelFile } from '../pickModelFile.js';
import { percentProgress } from '../percentProgress.js';
import { writeSetting } from '../settings.js';
import type { SettingsReader } from '../settingsReader.js';
import { withCancel } from '../withCancel.js';
import type { ConsideredPlan } from './consideredPlan.js';
import type { PodState } from './podState.js';

export interface PodModelDeps {
  readonly engine: EngineClient;
  readonly state: PodState;
  readonly plans: ConsideredPlan;
  readonly settings: SettingsReader;
  readonly places: Places;
  readonly log: Logger;
}

/** What the user does with a model on the pod: consider it, load it, leave it. */
export class PodModel {
  constructor(private readonly deps: PodModelDeps) {}

  /** Shows what would happen with a model; asks for the file unless it is named. */
  async consider(named?: string): Promise<void> {
    const { state, plans } = this.deps;
    const chosen = named ?? (await this.#choose());
    if (chosen === undefined) return;
    const file = modelPath(chosen, this.deps.places);
    const considered = { path: file, preview: null };
    state.consider(considered);
    try {
      const preview = await state.whileHeld(async () => {
        await vscode.commands.executeCommand('seekpod.pod.focus');
        return withCancel(vscode.l10n.t('Planning {0} on the pod', modelLabel(file)), (signal) => plans.plan(file, signal));
      });
      state.planned(considered, preview);
    } catch (error) {
      state.planned(considered, null);
      throw error;
    }
  }

  discard(): void {
    this.deps.state.consider(null);
  }

  /** Loads the considered model: from now on the chat runs with it. */
  async load(): Promise<void> {
    const { engine, state, settings, places } = this.deps;
    const { considered, status } = state.facts;
    if (considered === null) return;
    // A model that was given up on is tried again.
    if (status?.run.state === 'fallback') await engine.unload('chat');
    await writeSetting('pod.model', considered.path);
    await engine.configure(engineOptions(settings.current, places));
    state.consider(null);
    await state.whileHeld(() =>
      withCancel(vscode.l10n.t('Loading {0} on the pod', modelLabel(considered.path)), (signal, progress) => {
        const report = percentProgress(progress);
        const following = state.onChange(({ status: now }) => {
          if (now?.run.state === 'starting') report(now.run.progress, startStepText(now.run.step));
        });
        return engine.load('chat', signal).finally(() => following.dispose());
      }),
    );
  }

  /** The chat goes back to its own model; the machines are free for others. */
  async stop(): Promise<void> {
    await writeSetting('pod.model', undefined);
  }

  /** Offers the pod for a chat model that does not fit here. Answers whether that is settled: if not, the model is to be used here. */
  async offer(file: string): Promise<boolean> {
    const { state, plans, log } = this.deps;
    let preview: PlanPreview;
    try {
      preview = await state.whileHeld(() => withCancel(vscode.l10n.t('Does {0} fit on this machine?', modelLabel(file)), (signal) => plans.plan(file, signal)));
    } catch (error) {
      // Without a plan there is nothing to offer; loading says what is the matter.
      log.debug(`no plan: ${JSON.stringify(failureOf(error))}`);
      return false;
    }
    if (preview.local.fits) return false;
    state.consider({ path: file, preview });
    await vscode.commands.executeCommand('seekpod.pod.focus');
    return this.#ask(file, preview);
  }

  async #ask(file: string, { local, pod }: PlanPreview): Promise<boolean> {
    const load = vscode.l10n.t('Load on the Pod');
    const anyway = vscode.l10n.t('Use It Here Anyway');
    const text = vscode.l10n.t('{0} needs {1}, and this machine has {2}. The Pod view shows how it could run on several machines.', modelLabel(file), formatBytes(local.requiredBytes), formatBytes(local.availableBytes));
    const chosen = await vscode.window.showWarningMessage(notificationText(text), ...(pod === null ? [] : [load]), anyway);
    if (chosen === load) await this.load();
    if (chosen === anyway) this.discard();
    return chosen !== anyway;
  }

  async #choose(): Promise<string | undefined> {
    const { settings } = this.deps;
    const { chatPath } = settings.current.model;
    const { model } = settings.current.pod;
    const title = vscode.l10n.t('Model for the pod');
    const fromFile = { label: `$(folder-opened) ${vscode.l10n.t('Choose a GGUF file…')}`, value: undefined };
    const known = [
      ...(model === '' ? [] : [{ label: `$(server) ${modelLabel(model)}`, description: model, value: model }]),
      { label: `$(comment-discussion) ${vscode.l10n.t('The present chat model')}`, description: chatPath === '' ? modelLabel(this.deps.places.bundledModel) : chatPath, value: chatPath },
    ];
    const choice = await vscode.window.showQuickPick([fromFile, ...known], { title, placeHolder: vscode.l10n.t('Which model shall run on several machines?') });
    if (choice === undefined || choice.value !== undefined) return choice?.value;
    const folder = model === '' ? os.homedir() : path.dirname(modelPath(model, this.deps.places));
    return pickModelFile(vscode.Uri.file(folder), title);
  }
}
