import { type Answer, type Attachment, type Conversation, newAnswer, newConversation, type Question, type Segment } from '../../../src/engine/chat/conversation.js';

/** Short ways to write conversations down in tests. */
export function question(id: string, text: string, attachments: Attachment[] = []): Question {
  return { role: 'user', id, at: 1, text, attachments };
}

export function answer(id: string, segments: Segment[], change: Partial<Answer> = {}): Answer {
  return { ...newAnswer(id, 2), segments, state: { state: 'complete', finish: 'end' }, ...change };
}

export function said(text: string): Segment {
  return { kind: 'text', text, tokens: 1 };
}

export function thought(text: string): Segment {
  return { kind: 'thought', text, tokens: 1 };
}

export function conversation(turns: Conversation['turns'], title = 'A title'): Conversation {
  return { ...newConversation('c1', 0), title, turns };
}

export function attachment(text: string, change: Partial<Attachment> = {}): Attachment {
  return { id: 'at1', kind: 'file', path: 'src/add.ts', uri: 'file:///src/add.ts', language: 'typescript', lines: null, text, tokens: { count: 10, exact: false }, ...change };
}
