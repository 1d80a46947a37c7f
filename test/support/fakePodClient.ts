import type { EngineError } from '../../src/engine/base/errors.js';
import { Emitter } from '../../src/engine/base/event.js';
import type { PodClient } from '../../src/engine/client/podClient.js';
import type { DoctorFinding, PlanPreview, PodStatus } from '../../src/engine/protocol/podTypes.js';
import { somePreview } from './fakePod.js';

/** The pod's port with nothing behind it: remembers what it was asked, says the status that the test gives. */
export class FakePodClient implements PodClient {
  readonly calls: unknown[] = [];
  readonly #status = new Emitter<PodStatus | null>();
  readonly onStatus = this.#status.event;
  status: PodStatus | null = null;
  failure: EngineError | null = null;
  preview: PlanPreview = somePreview;
  findings: DoctorFinding[] = [];

  setStatus(status: PodStatus | null): void {
    this.status = status;
    this.#status.fire(status);
  }

  watch(on: boolean): Promise<void> {
    return this.#asked('watch', on);
  }
  share(options: unknown): Promise<void> {
    return this.#asked('share', options);
  }
  rename(name: string): Promise<void> {
    return this.#asked('rename', name);
  }
  async add(address: unknown): Promise<string> {
    await this.#asked('add', address);
    return 'cd'.repeat(32);
  }
  pair(fingerprint: string): Promise<void> {
    return this.#asked('pair', fingerprint);
  }
  confirmPairing(id: string, equal: boolean): Promise<void> {
    return this.#asked('confirmPairing', id, equal);
  }
  unpair(fingerprint: string): Promise<void> {
    return this.#asked('unpair', fingerprint);
  }
  async plan(options: unknown): Promise<PlanPreview> {
    await this.#asked('plan', options);
    return this.preview;
  }
  async doctor(): Promise<DoctorFinding[]> {
    await this.#asked('doctor');
    return this.findings;
  }

  async #asked(...call: unknown[]): Promise<void> {
    this.calls.push(call);
    if (this.failure !== null) throw this.failure;
  }
}
