import assert from 'node:assert/strict';
import type { MemoryReading } from '../../../../src/engine/runtime/pressure/memoryReading.js';
import { atThisMoment, pressureLevel } from '../../../../src/engine/runtime/pressure/pressureLevel.js';

const total = 16e9;
const reading = (availableShare: number, change: Partial<MemoryReading> = {}): MemoryReading => ({ totalBytes: total, availableBytes: total * availableShare, stalls: { some: 0, full: 0 }, system: null, ...change });

describe('the pressure on memory', () => {
  it('is normal with a fifth of the memory left', () => {
    assert.equal(pressureLevel(reading(0.2), 'normal'), 'normal');
  });

  it('is tight below a tenth and critical below a twentieth', () => {
    assert.equal(pressureLevel(reading(0.099), 'normal'), 'tight');
    assert.equal(pressureLevel(reading(0.049), 'normal'), 'critical');
  });

  it('of a large machine is judged by gigabytes, not by the share', () => {
    const large = (availableBytes: number) => pressureLevel({ ...reading(1), totalBytes: 512e9, availableBytes }, 'normal');
    assert.deepEqual([large(20e9), large(1.9e9), large(0.9e9)], ['normal', 'tight', 'critical']);
  });

  it('is tight when programs wait for memory and little is left', () => {
    assert.equal(pressureLevel(reading(0.15, { stalls: { some: 0.12, full: 0.01 } }), 'normal'), 'tight');
  });

  it('is critical when all programs wait for memory and hardly any is left', () => {
    assert.equal(pressureLevel(reading(0.09, { stalls: { some: 0.4, full: 0.12 } }), 'normal'), 'critical');
  });

  it('is normal when a program waits at a limit of its own', () => {
    assert.equal(pressureLevel(reading(0.7, { stalls: { some: 0.9, full: 0.3 } }), 'normal'), 'normal');
  });

  it('is tight when mapped files are read again and again, though they count as available', () => {
    assert.equal(pressureLevel(reading(0.5, { stalls: { some: 0.9, full: 0.45 } }), 'normal'), 'tight');
  });

  it('ends only when it is clearly better', () => {
    assert.equal(pressureLevel(reading(0.11), 'tight'), 'tight');
    assert.equal(pressureLevel(reading(0.16), 'tight'), 'normal');
    assert.equal(pressureLevel(reading(0.06), 'critical'), 'critical');
    assert.equal(pressureLevel(reading(0.08), 'critical'), 'tight');
  });

  it("is the system's own word where it has one", () => {
    assert.equal(pressureLevel(reading(0.01, { system: 'normal' }), 'critical'), 'normal');
    assert.equal(pressureLevel(reading(0.9, { system: 'critical' }), 'normal'), 'critical');
  });

  it('at this moment is that of what is left, whatever has been before', () => {
    assert.equal(pressureLevel(atThisMoment(reading(0.3, { stalls: { some: 1, full: 1 }, system: 'critical' })), 'normal'), 'normal');
    assert.equal(pressureLevel(atThisMoment(reading(0.01, { system: 'normal' })), 'normal'), 'critical');
  });
});
