import * as v from 'valibot';
import { type Draft, draftSchema, noDraft } from '../chatState.js';
import type { ViewMessage } from '../protocol.js';

interface VsCodeApi {
  postMessage(message: ViewMessage): void;
  getState(): unknown;
  setState(state: Memory): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** What the view itself keeps while it is hidden, for then its page is gone. */
const memorySchema = v.object({
  draft: draftSchema,
  /** An earlier question that is being edited. */
  edit: v.optional(v.object({ turnId: v.string(), text: v.string() })),
});
type Memory = v.InferOutput<typeof memorySchema>;

const api = acquireVsCodeApi();

export type Post = (message: ViewMessage) => void;
export const post: Post = (message) => api.postMessage(message);

const recalled = v.safeParse(memorySchema, api.getState());
let memory: Memory = recalled.success ? recalled.output : { draft: noDraft };

function remember(change: Partial<Memory>): void {
  memory = { ...memory, ...change };
  api.setState(memory);
}

/** The unsent question, as far as the view has kept it. */
export function recallDraft(): Draft {
  return memory.draft;
}

export function rememberDraft(draft: Draft): void {
  remember({ draft });
}

/** What has become so far of a question that is being edited; `undefined` where it is not. */
export function recallEdit(turnId: string): string | undefined {
  return memory.edit?.turnId === turnId ? memory.edit.text : undefined;
}

/** `null` when the editing was given up. */
export function rememberEdit(turnId: string, text: string | null): void {
  remember({ edit: text === null ? undefined : { turnId, text } });
}
