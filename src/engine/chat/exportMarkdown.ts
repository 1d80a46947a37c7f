import * as l10n from '@vscode/l10n';
import { attachmentHeading } from './chatPrompt.js';
import type { Answer, Conversation, Question } from './conversation.js';
import { fencedText } from './fencedText.js';

function questionMarkdown(question: Question): string {
  const attached = question.attachments.map((attachment) => `**${attachmentHeading(attachment)}**\n\n${fencedText(attachment.text, attachment.language)}`);
  return [`## ${l10n.t('Question')}`, question.text, ...attached].join('\n\n');
}

function answerMarkdown(answer: Answer): string {
  const heading = answer.meta === null ? l10n.t('Answer') : l10n.t('Answer by {0}', answer.meta.model);
  const parts = answer.segments.map((segment) =>
    segment.kind === 'text'
      ? segment.text.trim()
      : `<details>\n<summary>${l10n.t('Thought · {0} tokens', segment.tokens)}</summary>\n\n${fencedText(segment.text.trim(), 'text')}\n\n</details>`,
  );
  return [`## ${heading}`, ...parts].join('\n\n');
}

/** A conversation as a markdown document. */
export function exportMarkdown(conversation: Conversation): string {
  const turns = conversation.turns.map((turn) => (turn.role === 'user' ? questionMarkdown(turn) : answerMarkdown(turn)));
  return `${[`# ${conversation.title}`, ...turns].join('\n\n')}\n`;
}

/** A file name for the export: the title without what file systems refuse. */
export function exportFileName(conversation: Conversation): string {
  const name = conversation.title
    .replace(/[^\p{L}\p{N}._ -]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .slice(0, 80)
    .replace(/^[. ]+|[. ]+$/g, '');
  return `${name === '' ? 'chat' : name}.md`;
}
