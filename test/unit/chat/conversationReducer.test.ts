import assert from 'node:assert/strict';
import { type Answer, type Conversation, newAnswer } from '../../../src/engine/chat/conversation.js';
import { type ConversationEvent, interrupted, reduceConversation } from '../../../src/engine/chat/conversationReducer.js';
import { answer, attachment, conversation, question, said, thought } from './turns.js';

const waiting = conversation([question('q1', 'Why?'), newAnswer('a1', 2)]);
const meta = { model: 'Calf', promptTokens: 5, generatedTokens: 2, timeToFirstTokenMs: 10, tokensPerSecond: 100 };

function lastAnswer(state: Conversation): Answer {
  const last = state.turns.at(-1);
  assert.ok(last?.role === 'assistant');
  return last;
}

function after(state: Conversation, ...events: ConversationEvent[]): Conversation {
  return events.reduce(reduceConversation, state);
}

describe('reduceConversation', () => {
  const table: readonly { readonly fact: string; readonly events: ConversationEvent[]; readonly expected: Partial<Answer> }[] = [
    { fact: 'a started answer knows how many turns were left out', events: [{ kind: 'started', answerId: 'a1', droppedTurns: 3 }], expected: { droppedTurns: 3, state: { state: 'waiting' } } },
    {
      fact: 'pieces of one kind grow one segment',
      events: [{ kind: 'pieces', answerId: 'a1', pieces: [{ kind: 'text', text: 'a', tokens: 1 }, { kind: 'text', text: 'b', tokens: 2 }] }],
      expected: { segments: [{ kind: 'text', text: 'ab', tokens: 3 }], state: { state: 'writing' } },
    },
    {
      fact: 'a piece of another kind begins a segment',
      events: [{ kind: 'pieces', answerId: 'a1', pieces: [{ kind: 'thought', text: 'a', tokens: 1 }, { kind: 'text', text: 'b', tokens: 1 }] }],
      expected: { segments: [thought('a'), said('b')], state: { state: 'writing' } },
    },
    {
      fact: 'text that was a thought becomes one',
      events: [{ kind: 'pieces', answerId: 'a1', pieces: [{ kind: 'text', text: 'a', tokens: 1 }, { kind: 'textWasThought' }, { kind: 'text', text: 'b', tokens: 1 }] }],
      expected: { segments: [thought('a'), said('b')], state: { state: 'writing' } },
    },
    { fact: 'a lost worker is recovering, not an error', events: [{ kind: 'recovering', answerId: 'a1' }], expected: { state: { state: 'recovering' } } },
    { fact: 'a recovered answer is written on', events: [{ kind: 'recovering', answerId: 'a1' }, { kind: 'recovered', answerId: 'a1' }], expected: { state: { state: 'writing' } } },
    {
      fact: 'a failure keeps the text so far',
      events: [
        { kind: 'pieces', answerId: 'a1', pieces: [{ kind: 'text', text: 'a', tokens: 1 }] },
        { kind: 'ended', answerId: 'a1', at: 9, state: { state: 'failed', failure: { code: 'connectionLost' } }, meta },
      ],
      expected: { segments: [said('a')], state: { state: 'failed', failure: { code: 'connectionLost' } }, meta },
    },
    {
      fact: 'pieces after the end have no effect',
      events: [
        { kind: 'ended', answerId: 'a1', at: 9, state: { state: 'stopped' }, meta: null },
        { kind: 'pieces', answerId: 'a1', pieces: [{ kind: 'text', text: 'late', tokens: 1 }] },
      ],
      expected: { segments: [], state: { state: 'stopped' } },
    },
    { fact: 'pieces of another answer have no effect', events: [{ kind: 'pieces', answerId: 'a9', pieces: [{ kind: 'text', text: 'x', tokens: 1 }] }], expected: { segments: [], state: { state: 'waiting' } } },
  ];
  for (const { fact, events, expected } of table) {
    it(fact, () => assert.deepEqual(lastAnswer(after(waiting, ...events)), { ...newAnswer('a1', 2), ...expected }));
  }

  it('takes the title from the first question only', () => {
    const first = after(conversation([], ''), { kind: 'turnAdded', turn: question('q1', 'First question') });
    const second = after(first, { kind: 'turnAdded', turn: question('q2', 'Second question') });
    assert.deepEqual([first.title, second.title], ['First question', 'First question']);
  });

  it('keeps a title that the user gave', () => {
    const renamed = after(conversation([]), { kind: 'renamed', title: 'Mine' }, { kind: 'turnAdded', turn: question('q1', 'Other') });
    assert.equal(renamed.title, 'Mine');
  });

  it('takes another title when the first question is put in another way', () => {
    const first = after(conversation([], ''), { kind: 'turnAdded', turn: question('q1', 'First question') });
    const second = after(first, { kind: 'truncated', fromTurnId: 'q1' }, { kind: 'turnAdded', turn: question('q2', 'Second question') });
    assert.equal(second.title, 'Second question');
  });

  it('truncates from the named turn on', () => {
    const long = conversation([question('q1', '1'), answer('a1', [said('1')]), question('q2', '2'), answer('a2', [said('2')])]);
    assert.deepEqual(after(long, { kind: 'truncated', fromTurnId: 'q2' }).turns.map((turn) => turn.id), ['q1', 'a1']);
  });

  it('truncates nothing for a turn that is not there', () => {
    assert.equal(reduceConversation(waiting, { kind: 'truncated', fromTurnId: 'q9' }), waiting);
  });

  it('takes over the tokens that the model has counted', () => {
    const state = conversation([question('q1', 'Q', [attachment('a'), attachment('b', { id: 'at2' })])]);
    const [turn] = after(state, { kind: 'counted', turnId: 'q1', attachmentId: 'at2', tokens: { count: 9, exact: true } }).turns;
    assert.deepEqual(turn?.role === 'user' && turn.attachments.map(({ tokens }) => tokens), [{ count: 10, exact: false }, { count: 9, exact: true }]);
  });

  it('leaves the turns that an event is not about as the same objects', () => {
    const next = after(waiting, { kind: 'started', answerId: 'a1', droppedTurns: 0 });
    assert.equal(next.turns[0], waiting.turns[0]);
  });
});

describe('interrupted', () => {
  it('ends an answer that was being made', () => assert.deepEqual(lastAnswer(interrupted(waiting)).state, { state: 'interrupted' }));
  it('leaves a finished conversation alone', () => {
    const finished = conversation([question('q1', '1'), answer('a1', [said('1')])]);
    assert.equal(interrupted(finished), finished);
  });
});
