import type { Device } from '../protocol/podTypes.js';
import { here, type PlacementMachine } from './core/placement/rangeCost.js';

/** Main memory that stays with this machine's other programs: a tenth of what is free, but not more than this. */
const ownShare = 0.1;
const mostOwnBytes = 2 * 1_024 ** 3;
/** A GPU's memory that stays free, for the screen and for what the driver itself needs. */
const ownGpuShare = 0.05;

/**
 * What this machine could hold itself: its processor, and its largest GPU unless that is not to be used. A GPU without a memory of
 * its own takes the processor's place: the same memory is there once. `freeMemory` is the main memory that programs can take, in bytes.
 */
export function ownDevices(devices: readonly Device[], freeMemory: number, useGpu: boolean): PlacementMachine[] {
  const processor = devices.find(({ kind }) => kind === 'cpu');
  const gpu = devices.filter(({ kind }) => useGpu && kind === 'gpu').toSorted((a, b) => b.freeBytes - a.freeBytes)[0];
  const ours = ({ kind, bandwidth, layerOverhead }: Device, usableBytes: number): PlacementMachine => ({
    id: here,
    device: kind,
    usableBytes: Math.max(0, Math.floor(usableBytes)),
    bandwidth,
    layerOverhead,
    link: null,
  });
  return [
    ...(processor === undefined || gpu?.unified === true ? [] : [ours(processor, freeMemory - Math.min(freeMemory * ownShare, mostOwnBytes))]),
    ...(gpu === undefined ? [] : [ours(gpu, gpu.freeBytes * (1 - ownGpuShare))]),
  ];
}
