// Examines the machine that it runs on: what its daemon would know as a JSON line in, the findings as one out.
import readline from 'node:readline';
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { examinePod, type PodDoctorOptions } from '../../src/engine/pod/podDoctor.js';

export type Known = Pick<PodDoctorOptions, 'build' | 'problem' | 'sharing'> & { readonly machines: readonly Patient[] };
type Patient = PodDoctorOptions['machines'] extends Iterable<infer Machine> ? Machine : never;

readline.createInterface({ input: process.stdin }).on('line', (line) => void examine(JSON.parse(line) as Known));

async function examine(known: Known): Promise<void> {
  const findings = await examinePod({ ...known, time: Date.now(), clock: systemClock, log: new Logger(nullLogSink, 'doctor'), signal: new AbortController().signal });
  process.stdout.write(`${JSON.stringify(findings)}\n`);
  // Nothing may keep the process: it ends by itself.
  process.stdin.destroy();
}
