const maxCharacters = 8_192;

/** The last words of a process. ggml prints why it aborts right before it does. */
export class StderrTail {
  #text = '';

  get text(): string {
    return this.#text.trim();
  }

  add(chunk: Buffer): void {
    this.#text = (this.#text + chunk.toString('utf8')).slice(-maxCharacters);
  }

  /** How the process ended and, if it says so, ggml's reason. Other lines could hold text of the user. */
  explain(how: string): string {
    const reason = /^.*(?:GGML_ASSERT|GGML_ABORT|ggml_\w*abort|out of memory).*$/im.exec(this.#text)?.[0].trim().slice(0, 500);
    return reason === undefined ? how : `${how}, ${reason}`;
  }
}
