/** What a layer took for one token, and the bytes that it read. */
export interface LayerTime {
  readonly seconds: number;
  readonly bytes: number;
}

/** See `deviceSchema`: bytes per second, and seconds per layer beside reading. */
export interface DeviceSpeed {
  readonly bandwidth: number;
  readonly layerOverhead: number;
}

/**
 * The line `seconds = layerOverhead + bytes / bandwidth` through two measurements. Where noise makes the larger one as fast as the
 * smaller one, all of its time is taken for reading.
 */
export function speedOf(small: LayerTime, large: LayerTime): DeviceSpeed {
  const seconds = large.seconds - small.seconds;
  const bandwidth = seconds > 0 ? (large.bytes - small.bytes) / seconds : large.bytes / large.seconds;
  return { bandwidth, layerOverhead: Math.max(0, small.seconds - small.bytes / bandwidth) };
}
