import path from 'node:path';
import * as v from 'valibot';
import { EngineError } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/event.js';
import { inTurn } from '../../base/inTurn.js';
import { readKeptJson, writeKeptJson } from '../../base/keptJson.js';
import { installedModelSchema, sha256Schema } from '../../protocol/modelTypes.js';

const partSchema = v.object({
  path: v.pipe(v.string(), v.minLength(1), v.maxLength(4_096)),
  bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** SHA-256 that whoever offers the file says it has; `null` where nobody does. */
  published: v.nullable(sha256Schema),
  /** SHA-256 of what is on this disk, as it was when it was hashed last; `null` where it was not. */
  actual: v.nullable(sha256Schema),
});
/** One file of a model on this machine. */
export type InstalledPart = v.InferOutput<typeof partSchema>;

const recordSchema = v.object({ ...v.omit(installedModelSchema, ['missing', 'parts', 'bytes', 'path']).entries, files: v.pipe(v.array(partSchema), v.minLength(1), v.maxLength(1_000)) });
/** A model of the list as it is kept. The first file is the one that is loaded. */
export type InstalledRecord = v.InferOutput<typeof recordSchema>;

const fileSchema = v.object({ version: v.literal(1), models: v.pipe(v.array(recordSchema), v.maxLength(4_096)) });
const maxBytes = 16 * 1_024 * 1_024;

/** Where the list is kept once more: nothing else knows all places of models and what was published of them. */
const copyOf = (file: string): string => `${file}.copy`;

export const firstFile = ({ files }: InstalledRecord): string => files[0]?.path ?? '';

/** The models on this machine: what was imported and downloaded, on disk, and the one that ships inside, which is not. */
export class InstalledModels {
  readonly #changed = new Emitter<void>();
  readonly #records: Map<string, InstalledRecord>;
  /** One write after the other, so that the last change is what stays. */
  readonly #inTurn = inTurn();

  readonly onChange: Event<void> = this.#changed.event;

  private constructor(
    private readonly file: string,
    records: readonly InstalledRecord[],
    /** Where a damaged list was set aside of which there was no copy. The models themselves are still there and can be imported. */
    readonly damagedKeptAs: string | null,
  ) {
    this.#records = new Map(records.map((record) => [record.id, record]));
  }

  /** @throws EngineError `fileUnreadable`, `storageFailed`, `diskFull` */
  static async open(directory: string, bundled: InstalledRecord | null): Promise<InstalledModels> {
    const file = path.join(directory, 'installed.json');
    const { value, keptAs } = await readKeptJson(file, fileSchema, maxBytes);
    // Where it is not there it may have been damaged, and not been written since.
    const copy = value !== null ? null : (await readKeptJson(copyOf(file), fileSchema, maxBytes)).value;
    const own = bundled === null ? [] : [bundled];
    const records = (value ?? copy)?.models ?? [];
    const installed = new InstalledModels(file, [...own, ...records.filter(({ id }) => id !== bundled?.id)], copy === null ? keptAs : null);
    if (copy !== null) await installed.#write(installed.list());
    return installed;
  }

  list(): readonly InstalledRecord[] {
    return [...this.#records.values()];
  }

  find(id: string): InstalledRecord | null {
    return this.#records.get(id) ?? null;
  }

  /** @throws EngineError `unknownModel` */
  get(id: string): InstalledRecord {
    const record = this.find(id);
    if (record === null) throw new EngineError({ code: 'unknownModel', model: id });
    return record;
  }

  /** The model that has this file, if any. */
  at(file: string): InstalledRecord | null {
    return this.list().find(({ files }) => files.some((part) => part.path === file)) ?? null;
  }

  /**
   * Adds a model, or makes one of it and of what the list has of it by then, which it replaces if it is not said how. It is in the list
   * once that is on disk. @throws EngineError `diskFull`, `storageFailed`
   */
  put(record: InstalledRecord, join: (present: InstalledRecord) => InstalledRecord = () => record): Promise<InstalledRecord> {
    return this.#put(record.id, () => {
      const present = this.find(record.id);
      return present === null ? record : join(present);
    });
  }

  /** Changes what is known of a model, by what that is when its turn has come. @throws EngineError `unknownModel`, `diskFull`, `storageFailed` */
  change(id: string, change: (present: InstalledRecord) => InstalledRecord): Promise<InstalledRecord> {
    return this.#put(id, () => change(this.get(id)));
  }

  /** @throws EngineError `diskFull`, `storageFailed` */
  async remove(id: string): Promise<void> {
    await this.#inTurn(async () => {
      await this.#write(this.list().filter((record) => record.id !== id));
      this.#records.delete(id);
    });
    this.#changed.fire();
  }

  async #put(id: string, recordNow: () => InstalledRecord): Promise<InstalledRecord> {
    const record = await this.#inTurn(async () => {
      const next = recordNow();
      await this.#write(new Map(this.#records).set(id, next).values());
      this.#records.set(id, next);
      return next;
    });
    this.#changed.fire();
    return record;
  }

  async #write(records: Iterable<InstalledRecord>): Promise<void> {
    const list = { version: 1, models: [...records].filter(({ origin }) => origin !== 'bundled') };
    await writeKeptJson(this.file, list);
    // The list is what counts; without a copy it is written all the same.
    await writeKeptJson(copyOf(this.file), list).catch(() => undefined);
  }
}
