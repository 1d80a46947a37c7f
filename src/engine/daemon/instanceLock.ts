import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { hasErrorCode } from '../base/errors.js';

const contentSchema = v.object({ pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), nonce: v.string() });
type LockContent = v.InferOutput<typeof contentSchema>;

export interface LockOptions {
  readonly file: string;
  /** Whether a daemon answers at the socket. */
  readonly answers: () => Promise<boolean>;
  /** How long a living owner that does not answer yet may take to start, in milliseconds. */
  readonly startLimitMs: number;
}

export interface InstanceLock {
  /** Whether the lock file still names this process. */
  held(): Promise<boolean>;
  /** Removes the lock file unless somebody else has taken it over. */
  release(): Promise<void>;
}

export type LockOutcome = { readonly kind: 'acquired'; readonly lock: InstanceLock } | { readonly kind: 'running'; readonly pid: number };

const pollMs = 50;
const rounds = 20;

/**
 * Makes this process the only daemon of its runtime directory. A lock whose owner is dead, or lives but never answers (its process id
 * has been given to another program), is stale and is replaced.
 */
export async function acquireLock(options: LockOptions): Promise<LockOutcome> {
  const own: LockContent = { pid: process.pid, nonce: randomUUID() };
  for (let round = 0; round < rounds; round++) {
    if (await create(options.file, own)) return { kind: 'acquired', lock: lockOf(options.file, own) };
    const present = await read(options.file);
    if (present === null) continue;
    if (present !== 'damaged' && isAlive(present.pid) && (await answersInTime(options))) return { kind: 'running', pid: present.pid };
    await removeStale(options.file, present);
  }
  throw new Error(`the lock ${options.file} changes hands all the time`);
}

/** Appears with its content in one step: a link to a file that is already written. */
async function create(file: string, content: LockContent): Promise<boolean> {
  const draft = `${file}.${content.nonce}`;
  try {
    await fs.writeFile(draft, JSON.stringify(content), { mode: 0o600 });
    await fs.link(draft, file);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await fs.rm(draft, { force: true });
  }
}

async function read(file: string): Promise<LockContent | 'damaged' | null> {
  let text: string;
  try {
    text = await fs.readFile(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
  return parse(text);
}

function parse(text: string): LockContent | 'damaged' {
  try {
    return v.parse(contentSchema, JSON.parse(text));
  } catch {
    return 'damaged';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to someone else.
    return hasErrorCode(error, 'EPERM');
  }
}

async function answersInTime({ answers, startLimitMs, file }: LockOptions): Promise<boolean> {
  for (let waited = 0; ; waited += pollMs) {
    if (await answers()) return true;
    if (waited >= startLimitMs) return false;
    const present = await read(file);
    if (present === null || present === 'damaged' || !isAlive(present.pid)) return false;
    await sleep(pollMs);
  }
}

/** Two processes may find the same stale lock: moving it away tells whether it was still the stale one that was moved. */
async function removeStale(file: string, stale: LockContent | 'damaged'): Promise<void> {
  const aside = path.join(path.dirname(file), `stale.${randomUUID()}`);
  try {
    await fs.rename(file, aside);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = await read(aside);
  const other = moved !== null && moved !== 'damaged' && (stale === 'damaged' || moved.nonce !== stale.nonce);
  if (other) await fs.link(aside, file).catch(() => undefined);
  await fs.rm(aside, { force: true });
}

function lockOf(file: string, own: LockContent): InstanceLock {
  const held = async (): Promise<boolean> => {
    const present = await read(file);
    return present !== null && present !== 'damaged' && present.nonce === own.nonce;
  };
  return {
    held,
    async release() {
      if (await held()) await fs.rm(file, { force: true });
    },
  };
}
