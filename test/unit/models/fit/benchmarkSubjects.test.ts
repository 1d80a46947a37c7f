import assert from 'node:assert/strict';
import { EngineError } from '../../../../src/engine/base/errors.js';
import { benchmarkSubjects, type BenchmarkWish } from '../../../../src/engine/models/fit/benchmarkSubjects.js';
import { someInstalled } from '../../../support/modelExamples.js';

const installed = [someInstalled, { ...someInstalled, id: 'm2', name: 'Other', path: '/models/other.gguf' }, { ...someInstalled, id: 'm3', name: 'Gone', missing: true }];
const names = (wish: Partial<BenchmarkWish>, podModel: string | null = null): string[] => benchmarkSubjects({ ids: [], pod: false, ...wish }, installed, podModel).map(({ model, where }) => `${model.name} ${where}`);

describe('what is measured', () => {
  it('is every installed model that is still there, or those that are named', () => {
    assert.deepEqual(names({}), [`${someInstalled.name} here`, 'Other here']);
    assert.deepEqual(names({ ids: ['m2', 'm3'] }), ['Other here', 'Gone here']);
  });

  it('is no model that is not installed', () => {
    assert.throws(() => names({ ids: ['m9'] }), (error) => EngineError.is(error, 'unknownModel'));
  });

  it('is the model on the pod too where there is one and it is wanted', () => {
    assert.deepEqual(names({ ids: ['m2'], pod: true }, '/models/other.gguf'), ['Other here', 'Other pod']);
    assert.deepEqual(names({ ids: ['m2'], pod: true }, '/elsewhere/large.gguf'), ['Other here', 'large.gguf pod']);
    assert.deepEqual(names({ pod: true }, '/elsewhere/large.gguf'), [`${someInstalled.name} here`, 'Other here', 'large.gguf here', 'large.gguf pod']);
    assert.deepEqual(names({ pod: true }, '/models/other.gguf'), [`${someInstalled.name} here`, 'Other here', 'Other pod']);
    assert.deepEqual(names({ ids: ['m2'], pod: true }), ['Other here']);
    assert.deepEqual(names({ ids: ['m2'] }, '/models/other.gguf'), ['Other here']);
  });
});
