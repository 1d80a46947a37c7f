import assert from 'node:assert/strict';
import { Logger, nullLogSink } from '../../../src/engine/base/logger.js';
import { LlamaLog } from '../../../src/engine/worker/llamaLog.js';

const assignment = (layer: string, device: string): string => `load_tensors: layer ${layer} assigned to device ${device}, is_swa = 0\n`;

describe('log of llama.cpp', () => {
  const create = (): LlamaLog => new LlamaLog(new Logger(nullLogSink, 'test'));

  it('says which device each layer is on, in the order of the layers', () => {
    const log = create();
    for (const [layer, device] of [['  1', 'RPC0'], ['  0', 'CPU'], ['  2', 'MTL0']] as const) log.write('debug', assignment(layer, device));
    assert.deepEqual(log.layerDevices, ['CPU', 'RPC0', 'MTL0']);
  });

  it('forgets the layers of an attempt before', () => {
    const log = create();
    log.write('debug', assignment('  0', 'RPC0'));
    log.begin();
    assert.deepEqual(log.layerDevices, []);
  });

  it('takes no other line for an assignment', () => {
    const log = create();
    log.write('debug', 'create_tensor: loading tensor blk.0.attn_norm.weight');
    log.write('info', assignment('  0', 'RPC0'));
    assert.deepEqual(log.layerDevices, []);
  });

  it('gives the first complaint first', () => {
    const log = create();
    log.write('error', 'unable to allocate RPC0 buffer\n');
    log.write('warn', 'something else');
    log.write('error', 'failed to load model');
    assert.equal(log.reason, 'unable to allocate RPC0 buffer; failed to load model');
  });
});
