import * as v from 'valibot';
import { assertNever } from '../base/errors.js';
import {
  type Answer,
  answerMetaSchema,
  type Conversation,
  type EndState,
  endStateSchema,
  idSchema,
  isOpen,
  openAnswer,
  type Segment,
  titleSchema,
  tokenCountSchema,
  turnSchema,
} from './conversation.js';
import { type Piece, pieceSchema } from './thinkParser.js';
import { titleOf } from './title.js';

const answerId = idSchema;

export const conversationEventSchema = v.variant('kind', [
  v.object({ kind: v.literal('turnAdded'), turn: turnSchema }),
  /** This turn and all that follow are gone: before a question is sent again or an answer made again. */
  v.object({ kind: v.literal('truncated'), fromTurnId: idSchema }),
  /** The model has counted the tokens of an attachment. */
  v.object({ kind: v.literal('counted'), turnId: idSchema, attachmentId: idSchema, tokens: tokenCountSchema }),
  v.object({ kind: v.literal('started'), answerId, droppedTurns: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  v.object({ kind: v.literal('pieces'), answerId, pieces: v.array(pieceSchema) }),
  v.object({ kind: v.literal('recovering'), answerId }),
  v.object({ kind: v.literal('recovered'), answerId }),
  v.object({ kind: v.literal('ended'), answerId, at: v.number(), state: endStateSchema, meta: v.nullable(answerMetaSchema) }),
  v.object({ kind: v.literal('renamed'), title: titleSchema }),
]);
/** Everything that can happen to a conversation. */
export type ConversationEvent = v.InferOutput<typeof conversationEventSchema>;

function addPiece(segments: readonly Segment[], piece: Piece): Segment[] {
  if (piece.kind === 'textWasThought') {
    const text = segments.map((segment) => segment.text).join('');
    const tokens = segments.reduce((sum, segment) => sum + segment.tokens, 0);
    return text === '' ? [] : [{ kind: 'thought', text, tokens }];
  }
  const last = segments.at(-1);
  if (last?.kind !== piece.kind) return [...segments, { kind: piece.kind, text: piece.text, tokens: piece.tokens }];
  return [...segments.slice(0, -1), { kind: piece.kind, text: last.text + piece.text, tokens: last.tokens + piece.tokens }];
}

/** Changes an answer that is being made; what comes for another one is too late and has no effect. */
function changeOpen(conversation: Conversation, id: string, change: (answer: Answer) => Answer): Conversation {
  const turns = conversation.turns.map((turn) => (turn.role === 'assistant' && turn.id === id && isOpen(turn) ? change(turn) : turn));
  return { ...conversation, turns };
}

/** The conversation after an event. The host and the view use this same function, so they cannot differ. */
export function reduceConversation(conversation: Conversation, event: ConversationEvent): Conversation {
  switch (event.kind) {
    case 'turnAdded': {
      const title = conversation.title === '' && event.turn.role === 'user' ? titleOf(event.turn) : conversation.title;
      return { ...conversation, title, updatedAt: event.turn.at, turns: [...conversation.turns, event.turn] };
    }
    case 'truncated': {
      const index = conversation.turns.findIndex((turn) => turn.id === event.fromTurnId);
      if (index < 0) return conversation;
      const first = conversation.turns[0];
      // A title that was taken from the first question goes with it.
      const title = index === 0 && first?.role === 'user' && conversation.title === titleOf(first) ? '' : conversation.title;
      return { ...conversation, title, turns: conversation.turns.slice(0, index) };
    }
    case 'counted':
      return {
        ...conversation,
        turns: conversation.turns.map((turn) =>
          turn.role === 'user' && turn.id === event.turnId
            ? { ...turn, attachments: turn.attachments.map((attachment) => (attachment.id === event.attachmentId ? { ...attachment, tokens: event.tokens } : attachment)) }
            : turn,
        ),
      };
    case 'started':
      return changeOpen(conversation, event.answerId, (answer) => ({ ...answer, droppedTurns: event.droppedTurns }));
    case 'pieces':
      return changeOpen(conversation, event.answerId, (answer) => ({
        ...answer,
        state: { state: 'writing' },
        segments: event.pieces.reduce<Segment[]>(addPiece, answer.segments),
      }));
    case 'recovering':
      return changeOpen(conversation, event.answerId, (answer) => ({ ...answer, state: { state: 'recovering' } }));
    case 'recovered':
      return changeOpen(conversation, event.answerId, (answer) => ({ ...answer, state: { state: 'writing' } }));
    case 'ended':
      return {
        ...changeOpen(conversation, event.answerId, (answer) => ({ ...answer, state: event.state, meta: event.meta })),
        updatedAt: event.at,
      };
    case 'renamed':
      return { ...conversation, title: event.title };
    default:
      return assertNever(event);
  }
}

/** A conversation whose answer, if one was being made, gets no more text. */
export function ended(conversation: Conversation, state: EndState): Conversation {
  const open = openAnswer(conversation);
  return open === undefined ? conversation : changeOpen(conversation, open.id, (answer) => ({ ...answer, state }));
}

/** A conversation as read from the disk: an answer that was being made when the process ended is not made any more. */
export function interrupted(conversation: Conversation): Conversation {
  return ended(conversation, { state: 'interrupted' });
}
