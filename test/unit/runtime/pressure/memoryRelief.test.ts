import assert from 'node:assert/strict';
import { EngineError } from '../../../../src/engine/base/errors.js';
import { Logger, type LogRecord } from '../../../../src/engine/base/logger.js';
import type { EngineNotice } from '../../../../src/engine/protocol/engineTypes.js';
import type { MemoryReading } from '../../../../src/engine/runtime/pressure/memoryReading.js';
import { type HeldModel, MemoryRelief } from '../../../../src/engine/runtime/pressure/memoryRelief.js';
import { ManualClock } from '../../../support/manualClock.js';

const normal: MemoryReading = { totalBytes: 16e9, availableBytes: 8e9, stalls: null, system: null };
const tight: MemoryReading = { ...normal, availableBytes: 1.2e9 };
const critical: MemoryReading = { ...normal, availableBytes: 3e8 };
const isPressure = (error: unknown): boolean => EngineError.is(error, 'memoryPressure');

class Model implements HeldModel {
  modelName: string | null;
  constructor(name: string, public idleSince: number | null) {
    this.modelName = name;
  }
  async unload(): Promise<void> {
    this.modelName = null;
    this.idleSince = null;
  }
}

describe('memory relief', () => {
  let clock: ManualClock;
  let reading: MemoryReading | Error;
  let models: Model[];
  let notices: EngineNotice[];
  let records: LogRecord[];
  let relief: MemoryRelief;

  beforeEach(() => {
    clock = new ManualClock();
    reading = normal;
    models = [];
    notices = [];
    records = [];
    relief = new MemoryRelief({
      read: async () => {
        if (reading instanceof Error) throw reading;
        return reading;
      },
      models: () => models,
      notice: (notice) => notices.push(notice),
      clock,
      log: new Logger({ write: (record) => records.push(record) }, 'test'),
    });
  });
  afterEach(() => relief.dispose());

  const watch = (...held: Model[]): void => {
    models = held;
    relief.reconsider();
  };
  const loaded = (): (string | null)[] => models.map(({ modelName }) => modelName);

  it('looks at nothing while no model is loaded', async () => {
    watch();
    assert.equal(clock.waiting, 0);
    watch(new Model('R1', 0));
    assert.equal(clock.waiting, 1);
    await models[0]?.unload();
    await clock.advance(3_000);
    assert.equal(clock.waiting, 0);
  });

  it('leaves idle models alone while there is enough memory', async () => {
    watch(new Model('R1', 0));
    await clock.advance(120_000);
    assert.deepEqual([loaded(), notices], [['R1'], []]);
  });

  it('unloads the model that has been idle for longest first, and the next when that was not enough', async () => {
    watch(new Model('Coder', 5_000), new Model('R1', 0));
    await clock.advance(60_000);
    reading = tight;
    await clock.advance(3_000);
    assert.deepEqual(loaded(), ['Coder', null]);
    assert.deepEqual(notices, [{ kind: 'memoryPressure', critical: false, availableBytes: 1.2e9, unloaded: ['R1'] }]);
    await clock.advance(6_000);
    assert.deepEqual(loaded(), ['Coder', null]);
    await clock.advance(6_000);
    assert.deepEqual(loaded(), [null, null]);
  });

  it('keeps a model that was used a moment ago, and one that is in use, while memory is tight', async () => {
    reading = tight;
    watch(new Model('Coder', 0), new Model('R1', null));
    await clock.advance(57_000);
    assert.deepEqual([loaded(), notices], [['Coder', 'R1'], []]);
    await clock.advance(6_000);
    assert.deepEqual(loaded(), [null, 'R1']);
  });

  it('unloads all that is not in use when memory is nearly gone, and says once that nothing is loaded', async () => {
    reading = critical;
    watch(new Model('Coder', 0), new Model('R1', null), new Model('V2', 1));
    await clock.advance(30_000);
    assert.deepEqual(loaded(), [null, 'R1', null]);
    assert.deepEqual(notices, [{ kind: 'memoryPressure', critical: true, availableBytes: 3e8, unloaded: ['Coder', 'V2'] }]);
  });

  it('says it again when it comes back after it was over', async () => {
    watch(new Model('R1', null));
    for (reading of [critical, critical, normal, critical]) await clock.advance(3_000);
    assert.equal(notices.length, 2);
  });

  it('refuses a load while memory is nearly gone, with what is left', async () => {
    reading = critical;
    await assert.rejects(relief.admit('/m/a.gguf'), (error) => isPressure(error) && String(error).includes('300000000'));
    reading = normal;
    await relief.admit('/m/a.gguf');
  });

  it('admits a load when unloading an idle model has made room, though the system has not noticed yet', async () => {
    reading = { ...critical, system: 'critical' };
    const idle = new Model('R1', 0);
    models = [idle];
    idle.unload = async () => {
      idle.modelName = null;
      idle.idleSince = null;
      reading = { ...normal, system: 'critical' };
    };
    await relief.admit('/m/a.gguf');
    assert.deepEqual(loaded(), [null]);
  });

  it('refuses a load that the system calls critical when there was nothing to unload', async () => {
    reading = { ...normal, system: 'critical' };
    await assert.rejects(relief.admit('/m/a.gguf'), isPressure);
  });

  it('admits loads and says once why when the system does not tell', async () => {
    reading = new Error('no such file');
    await relief.admit('/m/a.gguf');
    watch(new Model('R1', 0));
    await clock.advance(30_000);
    assert.deepEqual(loaded(), ['R1']);
    assert.equal(records.filter(({ level }) => level === 'warn').length, 1);
  });

  it('does nothing any more when it has ended', async () => {
    reading = critical;
    watch(new Model('R1', 0));
    relief.dispose();
    await clock.advance(10_000);
    relief.reconsider();
    assert.deepEqual([loaded(), clock.waiting], [['R1'], 0]);
  });
});
