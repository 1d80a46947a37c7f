import type { Attachment, Conversation } from './conversation.js';
import { answerText } from './conversation.js';

/** Mean characters of a token in code and English prose, on the low side. */
const charactersPerToken = 3.5;

/** About how many tokens a text has, until a model has counted them. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** About how many tokens the next question would send: what was said so far, what is attached, and the draft. */
export function contextTokens(conversation: Conversation, attachments: readonly Attachment[], draft: string): number {
  let said = 0;
  for (const turn of conversation.turns) {
    if (turn.role === 'user') {
      said += turn.attachments.reduce((sum, attachment) => sum + attachment.tokens.count, 0) + estimateTokens(turn.text);
    } else if (turn.meta !== null) {
      // The prompt of this answer held everything before it, counted by the model itself.
      said = turn.meta.promptTokens + turn.segments.reduce((sum, segment) => (segment.kind === 'text' ? sum + segment.tokens : sum), 0);
    } else {
      said += estimateTokens(answerText(turn));
    }
  }
  return said + attachments.reduce((sum, attachment) => sum + attachment.tokens.count, 0) + estimateTokens(draft);
}
