import * as v from 'valibot';
import type { Failure } from '../engine/base/errors.js';
import { idSchema, maxTextCharacters, titleSchema } from '../engine/chat/conversation.js';
import { memoryChoiceSchema } from '../engine/protocol/failureSchema.js';
import { chatStateSchema, deltaSchema } from './chatState.js';

const question = v.pipe(v.string(), v.maxLength(maxTextCharacters), v.check((text) => text.trim() !== '', 'empty'));

export const attachSourceSchema = v.picklist(['file', 'selection', 'pick']);
/** The current file, its selection, or a file that the user picks. */
export type AttachSource = v.InferOutput<typeof attachSourceSchema>;

export const codeActionSchema = v.picklist(['copy', 'insert', 'apply', 'newFile']);
/** What can be done with a code block of an answer. */
export type CodeAction = v.InferOutput<typeof codeActionSchema>;

const moment = v.pipe(v.number(), v.finite());

const viewMessageSchema = v.variant('type', [
  /** The first message of every view; answered with a snapshot. */
  v.object({ type: v.literal('ready') }),
  /** A delta was missed or not understood; answered with a snapshot. */
  v.object({ type: v.literal('resync') }),
  v.object({
    type: v.literal('send'),
    text: question,
    /** When it left the place where questions are written; not there where it was not written by the user. */
    draftAt: v.optional(moment),
  }),
  v.object({ type: v.literal('resend'), turnId: idSchema, text: question }),
  v.object({ type: v.literal('regenerate'), turnId: idSchema }),
  v.object({ type: v.literal('stop') }),
  v.object({ type: v.literal('newConversation') }),
  v.object({ type: v.literal('openConversation'), id: idSchema }),
  v.object({ type: v.literal('renameConversation'), id: idSchema, title: titleSchema }),
  v.object({ type: v.literal('deleteConversation'), id: idSchema }),
  v.object({ type: v.literal('undoDelete'), id: idSchema }),
  v.object({ type: v.literal('exportConversation'), id: idSchema }),
  /** An empty query ends the search. */
  v.object({ type: v.literal('search'), query: v.pipe(v.string(), v.maxLength(1_000)) }),
  v.object({ type: v.literal('attach'), source: attachSourceSchema }),
  v.object({ type: v.literal('detach'), attachmentId: idSchema }),
  v.object({
    type: v.literal('code'),
    action: codeActionSchema,
    turnId: idSchema,
    code: v.pipe(v.string(), v.maxLength(maxTextCharacters)),
    /** As the model named it after the fence; may be empty. */
    language: v.pipe(v.string(), v.maxLength(64)),
  }),
  v.object({ type: v.literal('copyAnswer'), turnId: idSchema }),
  v.object({ type: v.literal('openLink'), url: v.pipe(v.string(), v.maxLength(8_192)) }),
  v.object({ type: v.literal('draft'), text: v.pipe(v.string(), v.maxLength(maxTextCharacters)), at: moment }),
  v.object({ type: v.literal('dismissNotice'), id: idSchema }),
  v.object({ type: v.literal('retrySave') }),
  v.object({ type: v.literal('chooseModel') }),
  /** One of what would make the chat model fit. */
  v.object({ type: v.literal('memoryChoice'), choice: memoryChoiceSchema }),
]);
/** view → host */
export type ViewMessage = v.InferOutput<typeof viewMessageSchema>;

const sequence = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hostMessageSchema = v.variant('type', [
  /** The whole state; deltas go on from `sequence`. */
  v.object({ type: v.literal('snapshot'), sequence, state: chatStateSchema }),
  /** Changes that lead from the state `sequence - 1` to the state `sequence`. */
  v.object({ type: v.literal('deltas'), sequence, deltas: v.array(deltaSchema) }),
  v.object({ type: v.literal('focusComposer') }),
  v.object({ type: v.literal('openSearch') }),
]);
/** host → view */
export type HostMessage = v.InferOutput<typeof hostMessageSchema>;

/** Most characters of a message from the view. */
export const maxViewMessageCharacters = 2 * maxTextCharacters;

export type Parsed<T> = { readonly ok: true; readonly message: T } | { readonly ok: false; readonly failure: Failure };

function nameOf(value: unknown): string {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  return typeof type === 'string' ? type.slice(0, 64) : '?';
}

function parse<T>(schema: v.GenericSchema<unknown, T>, types: ReadonlySet<string>, value: unknown): Parsed<T> {
  const outcome = v.safeParse(schema, value, { abortEarly: true });
  if (outcome.success) return { ok: true, message: outcome.output };
  const method = nameOf(value);
  if (method !== '?' && !types.has(method)) return { ok: false, failure: { code: 'unknownMethod', method } };
  const issue = outcome.issues[0];
  // Only where and what kind: the value itself may be the user's text.
  return { ok: false, failure: { code: 'invalidMessage', method, reason: `${v.getDotPath(issue) ?? 'message'}: ${issue.type}` } };
}

/** Characters of all strings, keys included, or `Infinity` for what cannot be a message. */
function sizeOf(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? 0;
  } catch {
    return Infinity;
  }
}

const viewTypes: ReadonlySet<string> = new Set(viewMessageSchema.options.map((option) => option.entries.type.literal));
const hostTypes: ReadonlySet<string> = new Set(hostMessageSchema.options.map((option) => option.entries.type.literal));

/** Checks what came from the view; never throws. */
export function parseViewMessage(value: unknown): Parsed<ViewMessage> {
  const characters = sizeOf(value);
  if (characters > maxViewMessageCharacters) {
    return { ok: false, failure: { code: 'messageTooLarge', bytes: Math.min(characters, Number.MAX_SAFE_INTEGER), limit: maxViewMessageCharacters } };
  }
  return parse(viewMessageSchema, viewTypes, value);
}

/** Checks what came from the host; never throws. */
export function parseHostMessage(value: unknown): Parsed<HostMessage> {
  return parse(hostMessageSchema, hostTypes, value);
}

const linkSchemes: ReadonlySet<string> = new Set(['https:', 'http:', 'mailto:']);

/** The link in its normal form if it may be opened outside, else `null`. */
export function safeLink(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  return linkSchemes.has(parsed.protocol) ? parsed.href : null;
}
