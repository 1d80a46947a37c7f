import * as v from 'valibot';
import { type Draft, draftSchema, noDraft } from '../chatState.js';
import type { ViewMessage } from '../protocol.js';

interface VsCodeApi {
  postMessage(message: ViewMessage): void;
  getState(): unknown;
  setState(state: { readonly draft: Draft }): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** What the view itself keeps while it is hidden. */
const memorySchema = v.object({ draft: draftSchema });

const api = acquireVsCodeApi();

export type Post = (message: ViewMessage) => void;
export const post: Post = (message) => api.postMessage(message);

/** The unsent question, as far as the view has kept it. */
export function recallDraft(): Draft {
  const memory = v.safeParse(memorySchema, api.getState());
  return memory.success ? memory.output.draft : noDraft;
}

export function rememberDraft(draft: Draft): void {
  api.setState({ draft });
}
