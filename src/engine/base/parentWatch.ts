import { Worker } from 'node:worker_threads';

const lookMs = 1_000;

/** Runs on its own in the thread, so it may use nothing from outside of it. On POSIX an orphan gets another parent; Windows keeps the old number. */
function killOrphan(parent: number, everyMs: number): void {
  setInterval(() => {
    try {
      if (process.ppid === parent) {
        process.kill(parent, 0);
        return;
      }
    } catch {
      // No such process.
    }
    process.kill(process.pid, 'SIGKILL');
  }, everyMs);
}

/**
 * Ends this process soon after its parent, also while its event loop stands still: then nobody here would hear that the channel to the
 * parent is closed. A chat template that loops does so.
 */
export function endWithParent(): void {
  const thread = new Worker(`(${killOrphan.toString()})(${process.ppid}, ${lookMs})`, { eval: true });
  thread.unref();
}
