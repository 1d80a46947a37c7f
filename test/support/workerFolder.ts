import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openWorkers, WorkerProcess } from './workerProcess.js';

/** What a suite has of its own: a folder for model files, and workers that end with each test. */
export interface WorkerFolder {
  readonly path: string;
  /** Writes a file and answers its path. */
  file(name: string, content: Uint8Array): string;
  fork(): WorkerProcess;
}

/** A folder for the suite around it; the suite fails when a worker is left at its end. */
export function workerFolder(): WorkerFolder {
  let folder = '';
  const workers: WorkerProcess[] = [];
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-models-'));
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
    assert.deepEqual(openWorkers(), []);
  });
  return {
    get path() {
      return folder;
    },
    file(name, content) {
      const target = path.join(folder, name);
      fs.writeFileSync(target, content);
      return target;
    },
    fork() {
      const worker = WorkerProcess.fork();
      workers.push(worker);
      return worker;
    },
  };
}
