import type { ChatTurn } from '../protocol/engineTypes.js';
import { answerText, type Attachment, type Question, type Turn } from './conversation.js';
import { fencedText } from './fencedText.js';

/** How an attachment is named to the model and in exports: `#src/add.ts (lines 3-9)`. */
export function attachmentHeading(attachment: Attachment): string {
  const { lines } = attachment;
  if (lines === null) return `#${attachment.path}`;
  return lines.first === lines.last ? `#${attachment.path} (line ${lines.first})` : `#${attachment.path} (lines ${lines.first}-${lines.last})`;
}

/** A question as the model reads it: what is attached, then the question. */
export function questionText(question: Question): string {
  const attached = question.attachments.map((attachment) => `${attachmentHeading(attachment)}\n${fencedText(attachment.text, attachment.language)}`);
  return [...attached, question.text].join('\n\n');
}

/**
 * What is sent to the engine to answer the last question. Thoughts of earlier answers are left out, and so are
 * questions that got no answer: the model's template wants questions and answers in turn.
 * @param turns end with the question
 */
export function chatPrompt(turns: readonly Turn[], systemPrompt: string): ChatTurn[] {
  const prompt: ChatTurn[] = systemPrompt.trim() === '' ? [] : [{ role: 'system', text: systemPrompt }];
  let question: Question | undefined;
  for (const turn of turns) {
    if (turn.role === 'user') {
      question = turn;
      continue;
    }
    const text = answerText(turn);
    if (question !== undefined && text !== '') prompt.push({ role: 'user', text: questionText(question) }, { role: 'assistant', text });
    question = undefined;
  }
  if (question !== undefined) prompt.push({ role: 'user', text: questionText(question) });
  return prompt;
}
