import * as v from 'valibot';
import { failureSchema } from '../protocol/failureSchema.js';

const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
/** Milliseconds since 1970. */
const moment = v.pipe(v.number(), v.finite(), v.minValue(0));

/** Most characters of one question, one attachment or one answer. */
export const maxTextCharacters = 1_024 * 1_024;
const text = v.pipe(v.string(), v.maxLength(maxTextCharacters));

/** Also a file name, so nothing but what is harmless there. */
export const idSchema = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/));
export const maxTitleCharacters = 120;
export const titleSchema = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(maxTitleCharacters));

/** How many tokens a text has; estimated (`exact` false) until the model has counted them. */
export const tokenCountSchema = v.object({ count: wholeNumber, exact: v.boolean() });
export type TokenCount = v.InferOutput<typeof tokenCountSchema>;

export const attachmentSchema = v.object({
  id: idSchema,
  kind: v.picklist(['file', 'selection']),
  /** As shown and as the model reads it: relative to the workspace where possible. */
  path: v.pipe(v.string(), v.minLength(1), v.maxLength(4_096)),
  uri: v.pipe(v.string(), v.maxLength(8_192)),
  /** The editor's language id. */
  language: v.pipe(v.string(), v.maxLength(64)),
  /** First and last line of a selection, counted from 1. */
  lines: v.nullable(v.object({ first: wholeNumber, last: wholeNumber })),
  /** Empty in the view, which shows only what is attached and how large it is. */
  text,
  tokens: tokenCountSchema,
});
/** Most that goes with one question. */
export const maxAttachments = 64;
/** A piece of the workspace that goes with a question, as it was when it was attached. */
export type Attachment = v.InferOutput<typeof attachmentSchema>;

export const segmentSchema = v.object({ kind: v.picklist(['text', 'thought']), text, tokens: wholeNumber });
/** A run of an answer: what the user asked for, or what the model thought on the way to it. */
export type Segment = v.InferOutput<typeof segmentSchema>;

export const endStateSchema = v.variant('state', [
  /** `length`: the limit of tokens or the context was reached. */
  v.object({ state: v.literal('complete'), finish: v.picklist(['end', 'length']) }),
  /** By the user. */
  v.object({ state: v.literal('stopped') }),
  /** By the end of the window or a crash. */
  v.object({ state: v.literal('interrupted') }),
  v.object({ state: v.literal('failed'), failure: failureSchema }),
]);
/** The states in which an answer gets no more text. */
export type EndState = v.InferOutput<typeof endStateSchema>;

const answerStateSchema = v.variant('state', [
  /** The model is loading or reads the prompt. */
  v.object({ state: v.literal('waiting') }),
  v.object({ state: v.literal('writing') }),
  /** The worker is being restarted; the text goes on where it stopped. */
  v.object({ state: v.literal('recovering') }),
  endStateSchema,
]);

export const answerMetaSchema = v.object({
  /** The model's name. */
  model: v.pipe(v.string(), v.maxLength(512)),
  promptTokens: wholeNumber,
  generatedTokens: wholeNumber,
  timeToFirstTokenMs: v.nullable(amount),
  /** Decode speed. */
  tokensPerSecond: v.nullable(amount),
});
export type AnswerMeta = v.InferOutput<typeof answerMetaSchema>;

export const questionSchema = v.object({
  role: v.literal('user'),
  id: idSchema,
  at: moment,
  text,
  attachments: v.pipe(v.array(attachmentSchema), v.maxLength(maxAttachments)),
});
export type Question = v.InferOutput<typeof questionSchema>;

export const answerSchema = v.object({
  role: v.literal('assistant'),
  id: idSchema,
  at: moment,
  segments: v.array(segmentSchema),
  state: answerStateSchema,
  /** Oldest turns that were left out of the prompt to make it fit. */
  droppedTurns: wholeNumber,
  meta: v.nullable(answerMetaSchema),
});
export type Answer = v.InferOutput<typeof answerSchema>;

export const turnSchema = v.variant('role', [questionSchema, answerSchema]);
export type Turn = v.InferOutput<typeof turnSchema>;

export const conversationSchema = v.object({
  id: idSchema,
  /** Empty until the first question. */
  title: v.pipe(v.string(), v.maxLength(maxTitleCharacters)),
  createdAt: moment,
  updatedAt: moment,
  turns: v.pipe(v.array(turnSchema), v.maxLength(10_000)),
});
export type Conversation = v.InferOutput<typeof conversationSchema>;

export function newConversation(id: string, at: number): Conversation {
  return { id, title: '', createdAt: at, updatedAt: at, turns: [] };
}

export function newAnswer(id: string, at: number): Answer {
  return { role: 'assistant', id, at, segments: [], state: { state: 'waiting' }, droppedTurns: 0, meta: null };
}

/** Whether more text may come. */
export function isOpen(answer: Answer): boolean {
  return answer.state.state === 'waiting' || answer.state.state === 'writing' || answer.state.state === 'recovering';
}

/** The answer that is being made, if any. */
export function openAnswer(conversation: Conversation): Answer | undefined {
  const last = conversation.turns.at(-1);
  return last?.role === 'assistant' && isOpen(last) ? last : undefined;
}

/** What the user asked for, without the thoughts. */
export function answerText(answer: Answer): string {
  return answer.segments
    .filter((segment) => segment.kind === 'text')
    .map((segment) => segment.text)
    .join('')
    .trim();
}
