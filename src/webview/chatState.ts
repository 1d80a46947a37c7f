import * as v from 'valibot';
import { assertNever } from '../engine/base/errors.js';
import { attachmentSchema, conversationSchema, idSchema } from '../engine/chat/conversation.js';
import { conversationEventSchema, reduceConversation } from '../engine/chat/conversationReducer.js';
import { searchHitSchema } from '../engine/chat/search.js';
import { roleStateSchema } from '../engine/protocol/engineTypes.js';
import { failureSchema } from '../engine/protocol/failureSchema.js';

export const summarySchema = v.object({
  id: idSchema,
  title: v.string(),
  updatedAt: v.number(),
  questions: v.number(),
  /** An answer is being made. */
  busy: v.boolean(),
});
/** A conversation in the list. */
export type ConversationSummary = v.InferOutput<typeof summarySchema>;

export const noticeSchema = v.variant('kind', [
  v.object({ kind: v.literal('failure'), id: idSchema, failure: failureSchema }),
  /** Can be undone until the notice is dismissed. */
  v.object({ kind: v.literal('deleted'), id: idSchema, conversationId: idSchema, title: v.string() }),
  /** A file that is no conversation was renamed and left where it is. */
  v.object({ kind: v.literal('damaged'), id: idSchema, path: v.string() }),
  /** Another window changed the same conversation; this window goes on with a copy. */
  v.object({ kind: v.literal('conflict'), id: idSchema, title: v.string() }),
  /** Something that cannot be done now, such as attaching a selection where nothing is selected. */
  v.object({ kind: v.literal('hint'), id: idSchema, hint: v.picklist(['noEditor', 'noSelection', 'attachmentTooLarge', 'tooManyAttachments', 'binaryFile', 'busy', 'nothingChanges']) }),
]);
export type Notice = v.InferOutput<typeof noticeSchema>;

export const searchResultSchema = v.object({ query: v.string(), hits: v.array(searchHitSchema) });
export type SearchResult = v.InferOutput<typeof searchResultSchema>;

export const draftSchema = v.object({
  text: v.string(),
  /** When it was written, in milliseconds since 1970; the view and the host both keep a copy, and the newer one counts. */
  at: v.number(),
});
/** The unsent question. */
export type Draft = v.InferOutput<typeof draftSchema>;
export const noDraft: Draft = { text: '', at: 0 };

export const chatStateSchema = v.object({
  conversation: conversationSchema,
  /** Most recent first. */
  summaries: v.array(summarySchema),
  /** What the chat model is doing. */
  engine: roleStateSchema,
  /** The model is the small one that comes with Seekpod, which is no assistant. */
  demonstration: v.boolean(),
  /** Name of the chat model, for people. */
  modelName: v.string(),
  /** For the next question. */
  attachments: v.array(attachmentSchema),
  notices: v.array(noticeSchema),
  search: v.nullable(searchResultSchema),
  draft: draftSchema,
});
/** What the chat view shows; the host owns it, the view follows. */
export type ChatState = v.InferOutput<typeof chatStateSchema>;

export const deltaSchema = v.variant('kind', [
  v.object({ kind: v.literal('conversation'), conversation: conversationSchema }),
  v.object({ kind: v.literal('event'), event: conversationEventSchema }),
  v.object({ kind: v.literal('summaries'), summaries: v.array(summarySchema) }),
  v.object({ kind: v.literal('engine'), engine: roleStateSchema, demonstration: v.boolean(), modelName: v.string() }),
  v.object({ kind: v.literal('attachments'), attachments: v.array(attachmentSchema) }),
  v.object({ kind: v.literal('notices'), notices: v.array(noticeSchema) }),
  v.object({ kind: v.literal('search'), search: v.nullable(searchResultSchema) }),
  v.object({ kind: v.literal('draft'), draft: draftSchema }),
]);
/** A change of the state. `event` is about the shown conversation. */
export type Delta = v.InferOutput<typeof deltaSchema>;

export function reduceChatState(state: ChatState, delta: Delta): ChatState {
  switch (delta.kind) {
    case 'conversation':
      return { ...state, conversation: delta.conversation };
    case 'event':
      return { ...state, conversation: reduceConversation(state.conversation, delta.event) };
    case 'summaries':
      return { ...state, summaries: delta.summaries };
    case 'engine':
      return { ...state, engine: delta.engine, demonstration: delta.demonstration, modelName: delta.modelName };
    case 'attachments':
      return { ...state, attachments: delta.attachments };
    case 'notices':
      return { ...state, notices: delta.notices };
    case 'search':
      return { ...state, search: delta.search };
    case 'draft':
      return { ...state, draft: delta.draft };
    default:
      return assertNever(delta);
  }
}
