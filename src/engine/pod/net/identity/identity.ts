import { createPrivateKey, X509Certificate } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { EngineError } from '../../../base/errors.js';
import { fingerprintOf, makeCertificate } from './certificate.js';
import { createPrivateFile, readPrivateFile } from '../../../base/privateFile.js';

/** Who this machine is: a key, and the certificate that carries it into TLS, both PEM. */
export interface Identity {
  readonly fingerprint: string;
  readonly certificate: string;
  readonly privateKey: string;
}

const maxBytes = 16_384;
const pem = v.pipe(v.string(), v.maxLength(4_096));
const fileSchema = v.object({ version: v.literal(1), privateKey: pem, certificate: pem });

/**
 * The identity that is kept in a directory, made when there is none. A file that cannot be used is never replaced: with a new key
 * every paired machine would take this one for a stranger, so that is for the user to decide.
 * @throws EngineError `identityUnusable`, `fileUnreadable`, `diskFull`, `storageFailed`
 */
export async function loadIdentity(directory: string): Promise<Identity> {
  const file = path.join(directory, 'identity.json');
  const kept = await readPrivateFile(file, maxBytes);
  if (kept !== null) return parse(file, kept);
  // Of two processes that make one at the same time, both use the one that was there first.
  await createPrivateFile(file, JSON.stringify({ version: 1, ...(await makeCertificate()) }));
  return parse(file, (await readPrivateFile(file, maxBytes)) ?? '');
}

async function parse(file: string, text: string): Promise<Identity> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new EngineError({ code: 'identityUnusable', path: file, reason }, { cause });
  };
  // Windows keeps a user's own folders private through their access control lists.
  if (process.getuid !== undefined && ((await fs.stat(file)).mode & 0o077) !== 0) refuse('other users may read it (its mode should be 0600)');
  try {
    const { privateKey, certificate } = v.parse(fileSchema, JSON.parse(text));
    if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey))) refuse('its key and its certificate do not belong together');
    return { fingerprint: fingerprintOf(certificate), certificate, privateKey };
  } catch (error) {
    // The parsers' own texts may quote the key.
    return EngineError.is(error) ? Promise.reject(error) : refuse('it is damaged');
  }
}
