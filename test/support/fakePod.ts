import { type Disposable, toDisposable } from '../../src/engine/base/disposable.js';
import type { EngineError } from '../../src/engine/base/errors.js';
import type { PodApi } from '../../src/engine/pod/podApi.js';
import type { RoleOptions } from '../../src/engine/protocol/engineTypes.js';
import type { Address, DoctorFinding, PlanPreview, PodStatus, ShareOptions } from '../../src/engine/protocol/podTypes.js';
import { podStatus } from './podFixtures.js';

export const emptyPodStatus: PodStatus = podStatus();

export const somePreview: PlanPreview = {
  model: { path: '/models/a.gguf', name: 'A', layers: 6, bytes: 1_000, contextSize: 2_048 },
  local: { fits: true, requiredBytes: 1_000, availableBytes: 2_000, tokensPerSecond: 10 },
  pod: null,
  failure: { code: 'noPlacement', path: '/models/a.gguf', requiredBytes: 1_000, availableBytes: 10 },
  advice: 'local',
  leftOut: [],
};

/** In place of the pod: remembers what it was asked and says what the test wants. */
export class FakePod implements PodApi {
  readonly calls: unknown[] = [];
  readonly watchers = new Set<(status: PodStatus) => void>();
  status: PodStatus = emptyPodStatus;
  lending = false;
  failure: EngineError | null = null;
  /** What pairing takes. */
  pairing: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();

  setStatus(status: PodStatus): void {
    this.status = status;
    for (const hear of this.watchers) hear(status);
  }

  async watch(hear: (status: PodStatus) => void): Promise<Disposable> {
    if (this.failure !== null) throw this.failure;
    this.watchers.add(hear);
    return toDisposable(() => this.watchers.delete(hear));
  }

  share(options: ShareOptions | null): Promise<void> {
    return this.#asked('share', options);
  }
  rename(name: string): Promise<void> {
    return this.#asked('rename', name);
  }
  async add(address: Address): Promise<string> {
    await this.#asked('add', address);
    return 'cd'.repeat(32);
  }
  async pair(fingerprint: string, signal: AbortSignal): Promise<void> {
    await this.#asked('pair', fingerprint);
    await this.pairing(signal);
  }
  confirmPairing(id: string, equal: boolean): Promise<void> {
    return this.#asked('confirmPairing', id, equal);
  }
  unpair(fingerprint: string): Promise<void> {
    return this.#asked('unpair', fingerprint);
  }
  async plan(options: RoleOptions): Promise<PlanPreview> {
    await this.#asked('plan', options);
    return somePreview;
  }
  async doctor(): Promise<DoctorFinding[]> {
    await this.#asked('doctor');
    return [{ check: 'multicast', verdict: 'bad', machine: null, detail: 'eth0' }];
  }

  async #asked(...call: unknown[]): Promise<void> {
    this.calls.push(call);
    if (this.failure !== null) throw this.failure;
  }
}
