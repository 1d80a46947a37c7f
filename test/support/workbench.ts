import fs from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';

const screenshots = 'test-results/screenshots';

/** What a person sees and does in one VS Code window. */
export class Workbench {
  constructor(readonly page: Page) {}

  get status(): Locator {
    return this.page.locator('.statusbar-item[id="seekpod.seekpod.seekpod.status"]');
  }

  /** The inside of the chat view, which is opened before any editor of ours. VS Code names its purpose only until it is hidden. */
  get chat(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').first().frameLocator('#active-frame');
  }

  /** The inside of the benchmark's editor. */
  get benchmark(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready:not([src*="purpose=webviewView"])').frameLocator('#active-frame');
  }

  /** The newest answer in the chat view. */
  get lastAnswer(): Locator {
    return this.chat.locator('article.answer').last();
  }

  /** A view of the sidebar with its title. */
  view(name: 'Pod' | 'Models'): Locator {
    return this.page.locator('.split-view-view', { has: this.page.locator(`.pane-header[aria-label^="${name}"]`) }).last();
  }

  get pod(): Locator {
    return this.view('Pod');
  }

  get models(): Locator {
    return this.view('Models');
  }

  /** Opens a view and gives it most of the sidebar. */
  async openView(name: 'Pod' | 'Models'): Promise<void> {
    await this.command(`Focus on ${name} View`);
    await this.view(name).waitFor();
    const box = await this.view(name).boundingBox();
    if (box === null) throw new Error(`the ${name} view is not shown`);
    await this.page.mouse.move(box.x + box.width / 2, box.y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + box.width / 2, 240, { steps: 8 });
    await this.page.mouse.up();
  }

  /** A row of the Pod view by the text on it. */
  podRow(text: string | RegExp): Locator {
    return this.pod.locator('.monaco-list-row', { hasText: text });
  }

  /** A row of the Models view by the text on it. */
  modelRow(text: string | RegExp): Locator {
    return this.models.locator('.monaco-list-row', { hasText: text });
  }

  /** The row of a download by the model's name. */
  downloadRow(name: string): Locator {
    return this.models.locator(`.monaco-list-row[aria-label^="Download of ${name}"]`);
  }

  /** A line of the list that is open to choose from. */
  choice(text: string | RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text });
  }

  /** A button that stands on a row when the mouse is over it. */
  async pressOnRow(row: Locator, action: string): Promise<void> {
    // VS Code draws a tree anew 200 ms after a change, and an action pressed at that moment does not know its row.
    await this.page.waitForTimeout(500);
    await row.hover();
    await row.locator(`.action-label[aria-label^="${action}"]`).click();
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget input.input');
  }

  get ghostText(): Locator {
    return this.page.locator('.ghost-text-decoration, .ghost-text, .ghost-text-decoration-preview');
  }

  get editor(): Locator {
    return this.page.locator('.editor-instance .monaco-editor').first();
  }

  /** Runs a command from the palette by its title. */
  async command(title: string): Promise<void> {
    // VS Code closes the palette when the focus goes elsewhere at that moment, as it does after a drop.
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('F1');
      try {
        await this.quickInput.waitFor({ timeout: 5_000 });
        await this.quickInput.fill(`>${title}`, { timeout: 5_000 });
        await this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().waitFor({ timeout: 5_000 });
        break;
      } catch (error) {
        if (attempt === 6) throw error;
      }
    }
    await this.page.keyboard.press('Enter');
  }

  /** Asks from the palette and waits until the answer has ended. */
  async ask(question: string): Promise<void> {
    await this.command('Ask DeepSeek');
    await this.answerQuickInput(question);
    await this.chat.locator('article.question', { hasText: question }).last().waitFor();
    await this.lastAnswer.locator('.answer-footer').waitFor();
  }

  /** Types into the quick input that is open and accepts. */
  async answerQuickInput(text: string): Promise<void> {
    await this.quickInput.waitFor();
    await this.quickInput.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Looks for a line in the list that is open, and takes it. */
  async choose(text: string): Promise<void> {
    await this.quickInput.waitFor();
    await this.quickInput.fill(text);
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: text }).waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** Looks at a model of the hub for the chat, as the picker leads there. */
  async lookAtModel(name: string): Promise<void> {
    await this.askForModel(name);
    await this.choice('Compute buffers').waitFor();
  }

  /** Names a model elsewhere in the picker. */
  async askForModel(name: string): Promise<void> {
    await this.command('Choose Chat Model');
    await this.choose('any address');
    await this.page.locator('.quick-input-title', { hasText: 'A model of Hugging Face' }).waitFor();
    await this.answerQuickInput(name);
  }

  /** Names a file in the dialog for files that is open. */
  async chooseFile(file: string): Promise<void> {
    await this.page.locator('.quick-input-widget .quick-input-action', { hasText: 'Use This Model' }).waitFor();
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: '..' }).first().waitFor();
    await this.quickInput.fill(file);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: path.basename(file) }).waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** Opens a file of the workspace with the cursor at its end. */
  async openFile(name: string): Promise<void> {
    await this.openTab(name);
    await this.editor.locator('.view-lines').click();
    await this.page.keyboard.press('Control+End');
  }

  /** Opens a file of the workspace, whatever it contains. */
  async openTab(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.quickInput.waitFor();
    await this.quickInput.fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
  }

  /** Waits for a suggestion like this: while somebody types, others may come before it. */
  async untilGhostText(like: RegExp): Promise<void> {
    const shown = async (): Promise<string> => (await this.ghostText.allTextContents()).join('').replaceAll('\u00a0', ' ');
    while (!like.test(await shown())) await this.page.waitForTimeout(50);
  }

  /** Keeps a picture of the window as an artefact. */
  async screenshot(name: string): Promise<void> {
    fs.mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: `${screenshots}/${name}.png` });
  }
}
