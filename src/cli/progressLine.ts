import * as l10n from '@vscode/l10n';
import type { RoleState } from '../engine/protocol/engineTypes.js';
import type { PodStatus } from '../engine/protocol/podTypes.js';
import { dim, type TerminalStream } from './answerPrinter.js';
import { startStepText } from '../engine/protocol/podText.js';
import { stepText } from './podWords.js';

/** Shows on a terminal's last line, or as single lines elsewhere, what the user is waiting for. */
export class ProgressLine {
  #shown = '';
  #done = false;

  constructor(private readonly info: TerminalStream) {}

  show(text: string): void {
    if (this.#done || text === this.#shown) return;
    this.#shown = text;
    this.info.write(this.info.isTTY === true ? `\r\u001B[2K${dim(this.#cut(text), this.info)}` : `${text}\n`);
  }

  state(state: RoleState): void {
    if (state.state === 'loading') {
      // Elsewhere than on a terminal every step would be a line.
      const percent = this.info.isTTY === true ? ` ${Math.round(state.progress * 100)} %` : '';
      this.show(l10n.t('Loading the model…{0}', percent));
    } else if (state.state === 'recovering') {
      this.show(l10n.t('The model process ended; it is started again…'));
    }
  }

  pod(status: PodStatus | null): void {
    if (status?.run.state !== 'starting') return;
    this.show(this.info.isTTY === true ? stepText(status.run) : startStepText(status.run.step));
  }

  /** A line that goes on in the next one would not be cleared as a whole. */
  #cut(text: string): string {
    // A terminal that does not know its width says 0.
    const columns = this.info.columns || Number.POSITIVE_INFINITY;
    return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
  }

  /** Clears the line; nothing is shown after that. */
  end(): void {
    if (!this.#done && this.#shown !== '' && this.info.isTTY === true) this.info.write('\r\u001B[2K');
    this.#done = true;
  }
}
