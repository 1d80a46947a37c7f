import os from 'node:os';
import fs from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { hasErrorCode } from '../base/errors.js';
import { machineNameSchema } from '../protocol/podTypes.js';
import { replacePrivateFile } from '../base/privateFile.js';

/** What others call this machine: what the user has chosen, else the host's name. */
export class OwnName {
  private constructor(
    private readonly file: string,
    private name: string,
  ) {}

  static async open(directory: string): Promise<OwnName> {
    const file = path.join(directory, 'name');
    const chosen = v.safeParse(machineNameSchema, await readIfThere(file));
    return new OwnName(file, chosen.success ? chosen.output : hostName());
  }

  get value(): string {
    return this.name;
  }

  /** @throws EngineError `diskFull`, `storageFailed` */
  async set(name: string): Promise<void> {
    await replacePrivateFile(this.file, name);
    this.name = name;
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return '';
    throw error;
  }
}

/** Without the domain that some systems add. */
function hostName(): string {
  return os.hostname().split('.')[0] || 'machine';
}
