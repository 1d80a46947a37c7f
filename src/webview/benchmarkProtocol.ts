import * as v from 'valibot';
import { failureSchema } from '../engine/protocol/failureSchema.js';
import { benchmarkRowSchema } from '../engine/protocol/modelTypes.js';

const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What the benchmark is doing. */
const phaseSchema = v.variant('kind', [
  /** `now` is what is being measured; `null` while the engine starts. */
  v.object({ kind: v.literal('measuring'), now: v.nullable(v.object({ model: v.string(), where: v.picklist(['here', 'pod']), done: wholeNumber, of: wholeNumber })) }),
  v.object({ kind: v.literal('done') }),
  /** By the user. */
  v.object({ kind: v.literal('stopped') }),
  v.object({ kind: v.literal('failed'), failure: failureSchema }),
]);

/** Everything that the view of the benchmark shows. */
export const benchmarkStateSchema = v.object({ phase: phaseSchema, rows: v.pipe(v.array(benchmarkRowSchema), v.maxLength(512)) });
export type BenchmarkState = v.InferOutput<typeof benchmarkStateSchema>;

const viewMessageSchema = v.variant('type', [
  /** The first message of every page; answered with the state. */
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('start') }),
  v.object({ type: v.literal('stop') }),
  v.object({ type: v.literal('copy') }),
]);
/** view → host */
export type BenchmarkViewMessage = v.InferOutput<typeof viewMessageSchema>;

const hostMessageSchema = v.variant('type', [
  v.object({ type: v.literal('state'), state: benchmarkStateSchema }),
  /** The table is on the clipboard. */
  v.object({ type: v.literal('copied') }),
]);
/** host → view */
export type BenchmarkHostMessage = v.InferOutput<typeof hostMessageSchema>;

/** A message of the view, or `null` for anything else. */
export function parseBenchmarkViewMessage(value: unknown): BenchmarkViewMessage | null {
  const parsed = v.safeParse(viewMessageSchema, value);
  return parsed.success ? parsed.output : null;
}

/** A message of the host, or `null` for anything else. */
export function parseBenchmarkHostMessage(value: unknown): BenchmarkHostMessage | null {
  const parsed = v.safeParse(hostMessageSchema, value);
  return parsed.success ? parsed.output : null;
}
