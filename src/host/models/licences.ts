import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { ModelsClient } from '../../engine/client/modelsClient.js';
import type { Licence } from '../../engine/protocol/modelTypes.js';
import { notificationText } from '../notificationText.js';

/** Documents with a licence; package.json puts its buttons on them by this name. */
const scheme = 'seekpod-licence';

/** Shows licences in an editor, where they can be read in peace, and asks whether they are accepted. */
export class Licences implements Disposable {
  readonly #store = new DisposableStore();
  readonly #texts = new Map<string, string>();
  /** Answers the question that is open, for the buttons on the document. */
  #answer: ((accepted: boolean) => void) | undefined;

  constructor(private readonly models: ModelsClient) {
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(scheme, { provideTextDocumentContent: ({ path }) => this.#texts.get(path) ?? '' }));
    this.#store.add(vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
      if (closed.some(({ input }) => input instanceof vscode.TabInputText && input.uri.scheme === scheme)) this.answer(false);
    }));
  }

  /** Opens the text. */
  async show({ id, name, url }: Licence): Promise<vscode.Uri> {
    const uri = vscode.Uri.from({ scheme, path: `/${name.replaceAll(/[\\/]/g, '-')}.md` });
    const text = await this.models.licenceText(id);
    this.#texts.set(uri.path, url === null ? text : `${text.trimEnd()}\n\n<${url}>\n`);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
    return uri;
  }

  /** Shows the licence of a model and asks whether the user accepts it; closing the text declines. */
  async accept(model: string, licence: Licence): Promise<boolean> {
    this.answer(false);
    const uri = await this.show(licence);
    const accept = vscode.l10n.t('Accept and Download');
    const decline = vscode.l10n.t('Decline');
    try {
      return await new Promise<boolean>((resolve, reject) => {
        this.#asking(resolve);
        const question = vscode.l10n.t('{0} comes with the {1}. Its text is open in the editor: read it before you decide.', model, licence.name);
        vscode.window.showInformationMessage(notificationText(question), accept, decline).then((chosen) => {
          // A message that is put away does not decide: the buttons on the document still do. One that stays longer than its question
          // answers no other one.
          if (chosen !== undefined) resolve(chosen === accept);
        }, reject);
      });
    } finally {
      this.#asking(undefined);
      await this.#close(uri);
    }
  }

  /** What the user says to the open question, if there is one. */
  answer(accepted: boolean): void {
    this.#answer?.(accepted);
  }

  dispose(): void {
    this.answer(false);
    this.#store.dispose();
  }

  #asking(answer: ((accepted: boolean) => void) | undefined): void {
    this.#answer = answer;
    void vscode.commands.executeCommand('setContext', 'seekpod.licenceAsked', answer !== undefined);
  }

  async #close(uri: vscode.Uri): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await vscode.window.tabGroups.close(tabs.filter(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString()));
  }
}
