import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';

/** A program that is told what to do by JSON lines and answers by such. */
export class JsonLines<Line> {
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #waiting: (() => void)[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'exit');
    if (child.stdout === null || child.stderr === null) throw new Error('the program needs pipes');
    child.stderr.pipe(process.stderr);
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Line);
      for (const go of this.#waiting.splice(0)) go();
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the program did not start');
    return this.#child.pid;
  }

  tell(command: object): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  /** The first line from `start` on for which `find` answers something; the test's own timeout bounds the wait. */
  async next<T>(find: (line: Line) => T | undefined, start = 0): Promise<T> {
    for (let at = start; ; at++) {
      while (at >= this.lines.length) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      const line = this.lines[at];
      const found = line === undefined ? undefined : find(line);
      if (found !== undefined) return found;
    }
  }

  /** What the program answers to a command that it is told now. */
  ask<T>(command: object, find: (line: Line) => T | undefined): Promise<T> {
    const start = this.lines.length;
    this.tell(command);
    return this.next(find, start);
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Resolves with its exit code when it has ended by itself. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }
}
