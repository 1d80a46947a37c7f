// Examines the machine that it runs on: questions as a JSON line in, facts and findings as one out.
import readline from 'node:readline';
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { diagnose } from '../../src/engine/pod/core/diagnosis.js';
import { type DoctorQuestions, gatherDoctorFacts } from '../../src/engine/pod/net/doctorFacts.js';

type Questions = Pick<DoctorQuestions, 'library' | 'port' | 'machines'>;

readline.createInterface({ input: process.stdin }).on('line', (line) => void examine(JSON.parse(line) as Questions));

async function examine(questions: Questions): Promise<void> {
  const facts = await gatherDoctorFacts({ ...questions, clock: systemClock, log: new Logger(nullLogSink, 'doctor'), signal: new AbortController().signal });
  process.stdout.write(`${JSON.stringify({ facts, findings: diagnose(facts) })}\n`);
  // Nothing may keep the process: it ends by itself.
  process.stdin.destroy();
}
