import assert from 'node:assert/strict';
import { Emitter } from '../../../src/engine/base/event.js';
import { Logger, type LogRecord } from '../../../src/engine/base/logger.js';
import { newAnswer } from '../../../src/engine/chat/conversation.js';
import { emptyStore, reduceStore, type StoreState } from '../../../src/webview/app/store.js';
import { type ChatState, type Delta, noDraft } from '../../../src/webview/chatState.js';
import { Bridge, coalesce, slimState } from '../../../src/webview/host/bridge.js';
import { ChatModel } from '../../../src/webview/host/chatModel.js';
import type { UserMessage } from '../../../src/webview/host/viewMessages.js';
import { type HostMessage, parseHostMessage } from '../../../src/webview/protocol.js';
import { checkLeaks } from '../../support/leaks.js';
import { attachment, conversation, question } from '../chat/turns.js';
import { ManualClock } from '../../support/manualClock.js';

const initial: ChatState = {
  conversation: conversation([question('q1', 'Why?', [attachment('the text of a file')]), newAnswer('a1', 2)]),
  summaries: [],
  engine: { state: 'unloaded' },
  demonstration: false,
  modelName: 'Calf',
  attachments: [],
  notices: [],
  search: null,
  draft: noDraft,
};

const text = (value: string): Delta => ({ kind: 'event', event: { kind: 'pieces', answerId: 'a1', pieces: [{ kind: 'text', text: value, tokens: 1 }] } });

const draft = (value: string): Delta => ({ kind: 'draft', draft: { text: value, at: 1 } });

class Setup {
  readonly clock = new ManualClock();
  readonly model = new ChatModel(initial, () => 'n1');
  readonly sent: HostMessage[] = [];
  readonly received: UserMessage[] = [];
  readonly logged: LogRecord[] = [];
  readonly fromView = new Emitter<unknown>();
  readonly bridge = new Bridge(
    { post: (message) => this.sent.push(message), onMessage: this.fromView.event },
    this.model,
    async (message) => void this.received.push(message),
    this.clock,
    new Logger({ write: (record) => this.logged.push(record) }, 'chat'),
  );
}

describe('Bridge', () => {
  const { atEnd } = checkLeaks();
  const open = (): Setup => {
    const setup = new Setup();
    atEnd(() => {
      setup.bridge.dispose();
      setup.model.dispose();
    });
    return setup;
  };

  it('says nothing before the view is ready, then sends the whole state', async () => {
    const { model, clock, sent, fromView } = open();
    model.dispatch(text('early'));
    await clock.advance(100);
    assert.equal(sent.length, 0);
    fromView.fire({ type: 'ready' });
    assert.deepEqual(sent.map((message) => message.type), ['snapshot']);
  });

  it('sends a burst of tokens as one message', async () => {
    const { model, clock, sent, fromView } = open();
    fromView.fire({ type: 'ready' });
    for (const token of ['a', 'b', 'c']) model.dispatch(text(token));
    assert.equal(sent.length, 1);
    await clock.advance(30);
    assert.deepEqual(sent[1], { type: 'deltas', sequence: 1, deltas: [{ kind: 'event', event: { kind: 'pieces', answerId: 'a1', pieces: [{ kind: 'text', text: 'abc', tokens: 3 }] } }] });
  });

  it('sends nothing about a change that the snapshot has already', async () => {
    const { model, clock, sent, fromView } = open();
    fromView.fire({ type: 'ready' });
    model.dispatch(text('a'));
    fromView.fire({ type: 'resync' });
    await clock.advance(100);
    assert.deepEqual(sent.map((message) => message.type), ['snapshot', 'snapshot']);
  });

  it('keeps a wish until the view is ready', () => {
    const { bridge, sent, fromView } = open();
    bridge.tell({ type: 'focusComposer' });
    assert.equal(sent.length, 0);
    fromView.fire({ type: 'ready' });
    assert.deepEqual(sent.map((message) => message.type), ['snapshot', 'focusComposer']);
  });

  it('says nothing to a hidden view, and everything again when it is back', async () => {
    const { bridge, model, clock, sent, fromView } = open();
    fromView.fire({ type: 'ready' });
    bridge.hidden();
    model.dispatch(text('a'));
    bridge.tell({ type: 'focusComposer' });
    await clock.advance(100);
    assert.equal(sent.length, 1);
    fromView.fire({ type: 'ready' });
    assert.deepEqual(sent.slice(1).map((message) => message.type), ['snapshot', 'focusComposer']);
  });

  it('ignores and logs a message that is not one, without its text', () => {
    const { received, logged, fromView } = open();
    fromView.fire({ type: 'send', text: { secret: 'words' } });
    fromView.fire({ type: 'launch' });
    fromView.fire(42);
    assert.deepEqual(received, []);
    assert.deepEqual(logged.map((record) => record.level), ['warn', 'warn', 'warn']);
    assert.ok(logged.every((record) => !record.message.includes('words')));
  });

  it('hands a good message on', () => {
    const { received, fromView } = open();
    fromView.fire({ type: 'send', text: 'Hello' });
    assert.deepEqual(received, [{ type: 'send', text: 'Hello' }]);
  });

  it('leads a view to the same state as the host, whatever the host does', async () => {
    const { model, clock, sent, fromView } = open();
    fromView.fire({ type: 'ready' });
    const steps: Delta[] = [
      text('a'),
      { kind: 'engine', engine: { state: 'loading', progress: 0.5 }, demonstration: true, modelName: 'Calf' },
      text('b'),
      { kind: 'event', event: { kind: 'recovering', answerId: 'a1' } },
      { kind: 'event', event: { kind: 'ended', answerId: 'a1', at: 5, state: { state: 'stopped' }, meta: null } },
      { kind: 'event', event: { kind: 'turnAdded', turn: question('q2', 'Next', [attachment('more text')]) } },
      { kind: 'attachments', attachments: [attachment('a'), attachment('b')] },
      { kind: 'attachments', attachments: [] },
      { kind: 'search', search: { query: 'q', hits: [] } },
    ];
    for (const [index, step] of steps.entries()) {
      model.dispatch(step);
      if (index % 2 === 1) await clock.advance(30);
    }
    await clock.advance(30);
    let view: StoreState = emptyStore;
    for (const message of sent) {
      const parsed = parseHostMessage(message);
      assert.ok(parsed.ok && (parsed.message.type === 'snapshot' || parsed.message.type === 'deltas'));
      const outcome = reduceStore(view, parsed.message);
      assert.ok(outcome.kind === 'changed');
      view = outcome.state;
    }
    assert.deepEqual(view.chat, slimState(model.state));
    assert.ok(!JSON.stringify(sent).includes('the text of a file'));
  });
});

describe('coalesce', () => {
  it('keeps only the last of equal states in a row', () => {
    assert.deepEqual(coalesce([draft('a'), draft('b')]), [draft('b')]);
  });
  it('does not join pieces across another event', () => {
    const between: Delta = { kind: 'event', event: { kind: 'recovering', answerId: 'a1' } };
    assert.deepEqual(coalesce([text('a'), between, text('b')]), [text('a'), between, text('b')]);
  });
});

describe('reduceStore', () => {
  type StoreMessage = Parameters<typeof reduceStore>[1];
  const snapshot: StoreMessage = { type: 'snapshot', sequence: 4, state: initial };
  const at = (sequence: number): StoreMessage => ({ type: 'deltas', sequence, deltas: [draft('new')] });
  const shown: StoreState = { sequence: 4, chat: initial };

  it('starts with a snapshot', () => assert.deepEqual(reduceStore(emptyStore, snapshot), { kind: 'changed', state: shown }));
  it('asks for a snapshot when deltas come first', () => assert.deepEqual(reduceStore(emptyStore, at(1)), { kind: 'gap' }));
  it('asks for a snapshot when one message is missing', () => assert.deepEqual(reduceStore(shown, at(6)), { kind: 'gap' }));
  it('takes the next message', () => assert.deepEqual(reduceStore(shown, at(5)), { kind: 'changed', state: { sequence: 5, chat: { ...initial, draft: { text: 'new', at: 1 } } } }));
  it('passes over a message from before the snapshot', () => assert.deepEqual(reduceStore(shown, at(4)), { kind: 'unchanged' }));
});
