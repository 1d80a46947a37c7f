import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { TestMachine } from './machines.js';

const cli = path.resolve('dist/cli.cjs');

/** A command in the terminal of a machine, with somebody who types. */
export class Terminal {
  text = '';
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly closed: Promise<number | null>;

  constructor(machine: TestMachine, ...args: readonly string[]) {
    this.#child = machine.run(process.execPath, [cli, ...args]);
    const read = (chunk: Buffer): void => {
      this.text += chunk.toString();
      for (const look of this.#waiting) look();
    };
    this.#child.stdout?.on('data', read);
    this.#child.stderr?.on('data', read);
    this.closed = once(this.#child, 'close').then(() => this.#child.exitCode);
  }

  /** Settles when the screen shows it; fails when the command ends before. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    const shown = new Promise<RegExpExecArray>((resolve) => {
      const look = (): void => {
        const match = pattern.exec(this.text);
        if (match === null) return;
        this.#waiting.delete(look);
        resolve(match);
      };
      this.#waiting.add(look);
      look();
    });
    return Promise.race([
      shown,
      this.closed.then((code) => {
        const match = pattern.exec(this.text);
        if (match === null) throw new Error(`ended with ${code} and without ${pattern}: ${this.text}`);
        return match;
      }),
    ]);
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Ctrl+C; answers the exit code. */
  interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.closed;
  }
}
