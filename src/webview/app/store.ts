import { type ChatState, reduceChatState } from '../chatState.js';
import type { HostMessage } from '../protocol.js';

/** The view's copy of the host's state. */
export interface StoreState {
  /** Of the last message that was taken in; `null` before the first snapshot. */
  readonly sequence: number | null;
  readonly chat: ChatState | null;
}

export const emptyStore: StoreState = { sequence: null, chat: null };

export type StoreOutcome =
  | { readonly kind: 'changed'; readonly state: StoreState }
  | { readonly kind: 'unchanged' }
  /** A delta is missing: the host must be asked for a snapshot. */
  | { readonly kind: 'gap' };

/** Takes in a message of the host. */
export function reduceStore(state: StoreState, message: Extract<HostMessage, { type: 'snapshot' | 'deltas' }>): StoreOutcome {
  if (message.type === 'snapshot') return { kind: 'changed', state: { sequence: message.sequence, chat: message.state } };
  if (state.sequence === null || state.chat === null) return { kind: 'gap' };
  // Sent before the snapshot that this state comes from.
  if (message.sequence <= state.sequence) return { kind: 'unchanged' };
  if (message.sequence !== state.sequence + 1) return { kind: 'gap' };
  return { kind: 'changed', state: { sequence: message.sequence, chat: message.deltas.reduce(reduceChatState, state.chat) } };
}
