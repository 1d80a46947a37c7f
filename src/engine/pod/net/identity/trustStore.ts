import * as v from 'valibot';
import type { Failure } from '../../../base/errors.js';
import { Emitter, type Event } from '../../../base/event.js';
import { inTurn } from '../../../base/inTurn.js';
import { readKeptJson, writeKeptJson } from '../../../base/keptJson.js';
import { addressSchema, fingerprintSchema, machineNameSchema } from '../../../protocol/podTypes.js';

const machineSchema = v.object({
  fingerprint: fingerprintSchema,
  name: machineNameSchema,
  /** Milliseconds since 1970. */
  pairedAt: v.pipe(v.number(), v.finite()),
  /** Where it was reached last, the best first. */
  addresses: v.pipe(v.array(addressSchema), v.maxLength(64)),
});
/** A machine whose key both users have confirmed. */
export type PairedMachine = v.InferOutput<typeof machineSchema>;

const maxBytes = 4 * 1_024 * 1_024;
const fileSchema = v.object({ version: v.literal(1), machines: v.pipe(v.array(machineSchema), v.maxLength(4_096)) });

/** The paired machines, on disk. */
export class TrustStore {
  readonly #changed = new Emitter<void>();
  readonly #machines: Map<string, PairedMachine>;
  /** One write after the other, so that the last change is what stays. */
  readonly #inTurn = inTurn();

  readonly onChange: Event<void> = this.#changed.event;

  private constructor(
    private readonly file: string,
    machines: readonly PairedMachine[],
    /** What happened to the list that was there before, for the user. */
    readonly problem: Failure | null,
  ) {
    this.#machines = new Map(machines.map((machine) => [machine.fingerprint, machine]));
  }

  /** Reads the list. A damaged one is set aside: nobody is trusted then, and `problem` says so. @throws EngineError `fileUnreadable`, `storageFailed` */
  static async open(file: string): Promise<TrustStore> {
    const { value, keptAs } = await readKeptJson(file, fileSchema, maxBytes);
    return new TrustStore(file, value?.machines ?? [], keptAs === null ? null : { code: 'pairedListDamaged', path: file, keptAs });
  }

  list(): readonly PairedMachine[] {
    return [...this.#machines.values()];
  }

  has(fingerprint: string): boolean {
    return this.#machines.has(fingerprint);
  }

  /** Adds a machine or replaces what is known of it; trusted once it is on disk. @throws EngineError `diskFull`, `storageFailed` */
  async put(machine: PairedMachine): Promise<void> {
    await this.#inTurn(async () => {
      const next = new Map(this.#machines).set(machine.fingerprint, machine);
      await this.#write(next);
      this.#machines.set(machine.fingerprint, machine);
    });
    this.#changed.fire();
  }

  /** Forgets a machine: at once in this process, and even if the disk does not take it. @returns whether it was known. @throws EngineError `diskFull`, `storageFailed` */
  async remove(fingerprint: string): Promise<boolean> {
    const known = this.#machines.delete(fingerprint);
    if (known) this.#changed.fire();
    return await this.#inTurn(async () => {
      // A `put` that was under way may have brought it back.
      const again = this.#machines.delete(fingerprint);
      if (again) this.#changed.fire();
      if (known || again) await this.#write(this.#machines);
      return known || again;
    });
  }

  #write(machines: ReadonlyMap<string, PairedMachine>): Promise<void> {
    return writeKeptJson(this.file, { version: 1, machines: [...machines.values()] });
  }
}
