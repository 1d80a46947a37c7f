import * as v from 'valibot';
import { answerText, type Conversation, idSchema } from './conversation.js';

export const searchHitSchema = v.object({
  id: idSchema,
  /** Text around the first place that matches; `null` where only the title does. */
  excerpt: v.nullable(v.object({ before: v.string(), match: v.string(), after: v.string() })),
});
export type SearchHit = v.InferOutput<typeof searchHitSchema>;

const excerptRadius = 40;

function excerptOf(text: string, word: string): SearchHit['excerpt'] {
  const at = text.toLowerCase().indexOf(word);
  if (at < 0) return null;
  const flat = (part: string): string => part.replace(/\s+/g, ' ');
  const from = Math.max(0, at - excerptRadius);
  const to = at + word.length + excerptRadius;
  return {
    before: (from > 0 ? '…' : '') + flat(text.slice(from, at)),
    match: flat(text.slice(at, at + word.length)),
    after: flat(text.slice(at + word.length, to)) + (to < text.length ? '…' : ''),
  };
}

/**
 * The conversation if every word of the query is in its title, questions, attached paths or answers.
 * Thoughts are not searched: nobody remembers them.
 */
export function searchConversation(conversation: Conversation, query: string): SearchHit | null {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const body = conversation.turns
    .map((turn) => (turn.role === 'user' ? [turn.text, ...turn.attachments.map((attachment) => attachment.path)].join('\n') : answerText(turn)))
    .join('\n');
  const all = `${conversation.title}\n${body}`.toLowerCase();
  if (!words.every((word) => all.includes(word))) return null;
  const inBody = words.find((word) => body.toLowerCase().includes(word));
  return { id: conversation.id, excerpt: inBody === undefined ? null : excerptOf(body, inBody) };
}
