import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { PodClient } from '../../engine/client/podClient.js';
import { doctorReport } from './doctorReport.js';
import { withCancel } from '../withCancel.js';

const scheme = 'seekpod-doctor';

/** Looks for what is in the way and shows the findings as a page. */
export class PodDoctor implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri>());
  #report = '';

  constructor(private readonly pod: PodClient) {
    const provider = { onDidChange: this.#changed.event, provideTextDocumentContent: () => this.#report };
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(scheme, provider));
  }

  async run(): Promise<void> {
    const findings = await withCancel(vscode.l10n.t('The pod doctor looks at this machine and the network'), (signal) => this.pod.doctor(signal));
    this.#report = doctorReport(findings);
    const uri = vscode.Uri.from({ scheme, path: `/${vscode.l10n.t('Pod doctor')}.md` });
    this.#changed.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }

  dispose(): void {
    this.#store.dispose();
  }
}
