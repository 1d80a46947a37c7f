import fs from 'node:fs/promises';
import { EngineError, isDiskFull, messageOf } from './errors.js';

/**
 * Makes a directory that only this user can enter, or checks that an existing one is so. In a shared place like /tmp
 * someone else may have made it first, in order to read along.
 * @throws EngineError `daemonUnavailable`, `diskFull`
 */
export async function ensurePrivateDirectory(directory: string): Promise<void> {
  try {
    await fs.mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = `${directory}: ${messageOf(error)}`;
    throw new EngineError(isDiskFull(error) ? { code: 'diskFull', path: directory } : { code: 'daemonUnavailable', reason }, { cause: error });
  }
  await assertPrivateDirectory(directory);
}

/** @throws EngineError `daemonUnavailable` when the directory belongs to or is open to someone else, or is a link. */
export async function assertPrivateDirectory(directory: string): Promise<void> {
  // Windows keeps a user's own folders private through their access control lists.
  if (process.getuid === undefined) return;
  const stat = await fs.lstat(directory);
  const refuse = (reason: string): never => {
    throw new EngineError({ code: 'daemonUnavailable', reason: `${directory}: ${reason}` });
  };
  if (!stat.isDirectory()) refuse('it is not a directory');
  if (stat.uid !== process.getuid()) refuse('it belongs to another user');
  if ((stat.mode & 0o077) !== 0) refuse('other users may open it (its mode should be 0700)');
}
