import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EngineError } from '../../../src/engine/base/errors.js';
import { type Answer, answerText, maxAttachments } from '../../../src/engine/chat/conversation.js';
import { diskFiles, type StoreFiles } from '../../../src/webview/host/conversationStore.js';
import { checkLeaks } from '../../support/leaks.js';
import { ChatHarness, temporaryFolder } from './chatHarness.js';
import { finished, type OpenRequest } from './fakeEngineClient.js';

function say(open: OpenRequest, ...texts: string[]): void {
  for (const text of texts) open.event({ kind: 'text', text, tokens: [1] });
}

describe('the chat', () => {
  const { atEnd } = checkLeaks();
  let folder = '';
  const conversations = (): string => path.join(folder, 'conversations');
  const open = (options?: ConstructorParameters<typeof ChatHarness>[1]): ChatHarness => {
    const harness = new ChatHarness(folder, options);
    atEnd(() => harness.dispose());
    return harness;
  };
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => fs.rm(folder, { recursive: true, force: true }));

  const last = (window: ChatHarness): Answer => {
    const turn = window.model.state.conversation.turns.at(-1);
    assert.ok(turn?.role === 'assistant');
    return turn;
  };
  const ask = async (window: ChatHarness, question: string, ...texts: string[]): Promise<void> => {
    const done = window.chat.send(question);
    const request = await window.engine.nextRequest();
    say(request, ...texts);
    request.result.resolve(finished);
    await done;
    // Another window learns from the disk which conversation is open.
    await window.memory.settled();
  };

  it('answers a question with its thought apart, and with its figures', async () => {
    const window = open();
    await ask(window, 'Why?', '<think>', 'hm', '</think>', 'Because', '.');
    assert.deepEqual(last(window).segments, [
      { kind: 'thought', text: 'hm', tokens: 1 },
      { kind: 'text', text: 'Because.', tokens: 2 },
    ]);
    assert.deepEqual(last(window).meta, { model: 'Calf', promptTokens: 7, generatedTokens: 2, timeToFirstTokenMs: 12, tokensPerSecond: 90 });
    assert.deepEqual(window.busy, [true, false]);
  });

  it('has the question on the disk before the engine is asked', async () => {
    const window = open();
    const done = window.chat.send('Remember me');
    const request = await window.engine.nextRequest();
    const files = await fs.readdir(conversations());
    assert.ok((await fs.readFile(path.join(conversations(), files[0] ?? ''), 'utf8')).includes('Remember me'));
    request.result.resolve(finished);
    await done;
  });

  it('writes streamed text within half a second', async () => {
    const window = open();
    const done = window.chat.send('Why?');
    const request = await window.engine.nextRequest();
    say(request, 'half an answer');
    await window.clock.advance(500);
    await window.library.save(window.model.state.conversation.id);
    // Another window learns from the disk which conversation is open.
    await window.memory.settled();
    const reopened = open({ name: 'x' });
    await reopened.chat.restore();
    assert.equal(answerText(last(reopened)), 'half an answer');
    assert.deepEqual(last(reopened).state, { state: 'interrupted' });
    request.result.resolve(finished);
    await done;
  });

  it('uses one slot for each conversation and sends what was said before', async () => {
    const window = open();
    await ask(window, 'One', '<think>x</think>First');
    const done = window.chat.send('Two');
    const { request, result } = await window.engine.nextRequest();
    assert.equal(request.slot, window.model.state.conversation.id);
    assert.deepEqual(request.turns.map((turn) => turn.text), ['One', 'First', 'Two']);
    result.resolve(finished);
    await done;
  });

  it('keeps the text so far when it is stopped, and measures it', async () => {
    const window = open();
    const done = window.chat.send('Why?');
    const request = await window.engine.nextRequest();
    say(request, 'Half');
    window.chat.stop();
    await done;
    assert.ok(request.signal.aborted);
    assert.equal(answerText(last(window)), 'Half');
    assert.deepEqual(last(window).state, { state: 'stopped' });
    assert.equal(last(window).meta?.generatedTokens, 1);
  });

  it('keeps the text so far when the engine fails, with the reason', async () => {
    const window = open();
    const done = window.chat.send('Why?');
    const request = await window.engine.nextRequest();
    say(request, 'Half');
    request.result.reject(new EngineError({ code: 'workerLost', restarts: 3, reason: 'SIGKILL' }));
    await done;
    assert.equal(answerText(last(window)), 'Half');
    assert.deepEqual(last(window).state, { state: 'failed', failure: { code: 'workerLost', restarts: 3, reason: 'SIGKILL' } });
  });

  it('shows recovering while the worker is restarted, and goes on with the same text', async () => {
    const window = open();
    const done = window.chat.send('Why?');
    const request = await window.engine.nextRequest();
    say(request, 'Half');
    request.event({ kind: 'recovering' });
    assert.deepEqual(last(window).state, { state: 'recovering' });
    request.event({ kind: 'recovered' });
    say(request, ' and half');
    request.result.resolve(finished);
    await done;
    assert.equal(answerText(last(window)), 'Half and half');
  });

  it('makes an answer anew from the same question', async () => {
    const window = open();
    await ask(window, 'Why?', 'First');
    const done = window.chat.regenerate(last(window).id);
    const request = await window.engine.nextRequest();
    assert.deepEqual(request.request.turns, [{ role: 'user', text: 'Why?' }]);
    say(request, 'Second');
    request.result.resolve(finished);
    await done;
    assert.equal(window.model.state.conversation.turns.length, 2);
    assert.equal(answerText(last(window)), 'Second');
  });

  it('puts an edited question in the place of the old one and all after it', async () => {
    const window = open();
    await ask(window, 'One', 'First');
    await ask(window, 'Two', 'Second');
    const done = window.chat.resend(window.model.state.conversation.turns[0]?.id ?? '', 'Changed');
    const request = await window.engine.nextRequest();
    request.result.resolve(finished);
    await done;
    assert.deepEqual(request.request.turns, [{ role: 'user', text: 'Changed' }]);
    assert.equal(window.model.state.conversation.turns.length, 2);
  });

  it('refuses a second question while the first is being answered', async () => {
    const window = open();
    const done = window.chat.send('One');
    const request = await window.engine.nextRequest();
    await window.chat.send('Two');
    assert.deepEqual(window.notices, ['busy']);
    assert.equal(window.model.state.conversation.turns.length, 2);
    request.result.resolve(finished);
    await done;
  });

  it('no longer says that an answer is being written when it is not', async () => {
    const window = open();
    const done = window.chat.send('First');
    const request = await window.engine.nextRequest();
    await window.chat.send('Second');
    assert.deepEqual(window.notices, ['busy']);
    request.result.resolve(finished);
    await done;
    assert.deepEqual(window.notices, []);
  });

  it('gives the text of a refused question back to be sent later', async () => {
    const window = open();
    const done = window.chat.send('First');
    const request = await window.engine.nextRequest();
    await window.chat.send('Second', 5_000);
    assert.deepEqual(window.model.state.draft, { text: 'Second', at: 5_001 });
    request.result.resolve(finished);
    await done;
  });

  it('keeps what is being written when an example is asked instead, and forgets what was sent at the time that the view knows', async () => {
    const window = open();
    await window.chat.saveDraft({ text: 'half', at: 4_000 });
    await ask(window, 'An example');
    assert.deepEqual(window.model.state.draft, { text: 'half', at: 4_000 });
    const done = window.chat.send('half and half', 5_000);
    (await window.engine.nextRequest()).result.resolve(finished);
    await done;
    assert.deepEqual(window.model.state.draft, { text: '', at: 5_000 });
  });

  it('makes an answer anew in a conversation that another window has deleted', async () => {
    const window = open();
    await ask(window, 'Why?', 'Because.');
    const { id } = window.model.state.conversation;
    await window.library.save(id);
    const other = open({ name: 'x' });
    await other.chat.restore();
    await other.chat.remove(id);
    await window.chat.refresh();
    const again = window.chat.regenerate(last(window).id);
    const request = await window.engine.nextRequest();
    say(request, 'Therefore.');
    request.result.resolve(finished);
    await again;
    assert.equal(answerText(last(window)), 'Therefore.');
    assert.equal(window.model.state.conversation.turns.length, 2);
  });

  it('goes on answering in a conversation that is not shown', async () => {
    const window = open();
    const done = window.chat.send('One');
    const request = await window.engine.nextRequest();
    const { id } = window.model.state.conversation;
    window.chat.newConversation();
    say(request, 'Behind the scenes');
    request.result.resolve(finished);
    await done;
    assert.equal(window.model.state.conversation.turns.length, 0);
    await window.chat.open(id);
    assert.equal(answerText(last(window)), 'Behind the scenes');
  });

  it('asks a command\'s question in a conversation of its own', async () => {
    const window = open();
    await ask(window, 'One', 'First');
    const done = window.chat.askFresh('Two', [{ kind: 'file', path: 'a.ts', uri: 'file:///a.ts', language: 'typescript', lines: null, text: 'x' }]);
    const request = await window.engine.nextRequest();
    request.result.resolve(finished);
    await done;
    assert.deepEqual(request.request.turns, [{ role: 'user', text: '#a.ts\n```typescript\nx\n```\n\nTwo' }]);
    assert.equal(window.model.state.summaries.length, 2);
    const asked = window.model.state.conversation.turns[0];
    assert.deepEqual(asked?.role === 'user' && asked.attachments.map((attachment) => attachment.tokens), [{ count: 42, exact: true }]);
  });

  it('counts the tokens of an attachment and sends it with the next question only', async () => {
    const window = open();
    window.attachable = { kind: 'attached', source: { kind: 'file', path: 'a.ts', uri: 'file:///a.ts', language: 'typescript', lines: null, text: 'const a = 1;' } };
    await window.chat.attach('file');
    await window.chat.attach('file');
    assert.deepEqual(window.model.state.attachments.map((attachment) => attachment.tokens), [{ count: 42, exact: true }]);
    const done = window.chat.send('What?');
    const request = await window.engine.nextRequest();
    assert.ok(request.request.turns[0]?.text.includes('const a = 1;'));
    assert.deepEqual(window.model.state.attachments, []);
    request.result.resolve(finished);
    await done;
  });

  it('keeps the estimate when the engine cannot count', async () => {
    const window = open();
    window.engine.tokens = Promise.reject(new EngineError({ code: 'connectionLost' }));
    window.attachable = { kind: 'attached', source: { kind: 'file', path: 'a.ts', uri: 'file:///a.ts', language: 'typescript', lines: null, text: 'abcdefg' } };
    await window.chat.attach('file');
    assert.deepEqual(window.model.state.attachments.map((attachment) => attachment.tokens), [{ count: 2, exact: false }]);
  });

  it('says why nothing was attached', async () => {
    const window = open();
    await window.chat.attach('selection');
    assert.deepEqual(window.notices, ['noEditor']);
  });

  it('attaches no more than a conversation can keep, and says so', async () => {
    const window = open();
    for (let index = 0; index <= maxAttachments; index++) {
      window.attachable = { kind: 'attached', source: { kind: 'file', path: `${index}.ts`, uri: `file:///${index}.ts`, language: 'typescript', lines: null, text: 'x' } };
      await window.chat.attach('file');
    }
    assert.deepEqual([window.model.state.attachments.length, window.notices], [maxAttachments, ['tooManyAttachments']]);
    await ask(window, 'What?', 'This.');
    await window.library.save(window.model.state.conversation.id);
    const reopened = open({ name: 'x' });
    await reopened.chat.restore();
    assert.deepEqual([answerText(last(reopened)), reopened.notices], ['This.', []]);
  });

  it('renames, finds, exports, deletes and brings back a conversation', async () => {
    const window = open();
    await ask(window, 'Why?', 'Because of gravity.');
    const { id } = window.model.state.conversation;
    window.chat.rename(id, 'Physics');
    assert.equal(window.model.state.summaries[0]?.title, 'Physics');
    window.chat.search('gravity');
    assert.deepEqual(window.model.state.search?.hits.map((hit) => hit.id), [id]);
    await window.chat.exportMarkdown(id);
    assert.equal(window.exported[0]?.name, 'Physics.md');
    await window.chat.remove(id);
    assert.deepEqual([await fs.readdir(conversations()), window.model.state.summaries, window.notices], [[], [], ['deleted']]);
    window.chat.undoRemove(id);
    await window.library.saveAll();
    assert.deepEqual(await fs.readdir(conversations()), [`${id}.json`]);
    assert.equal(answerText(last(window)), 'Because of gravity.');
    assert.deepEqual(window.notices, []);
  });

  it('cannot bring back what was deleted once the notice is dismissed', async () => {
    const window = open();
    await ask(window, 'Why?', 'So.');
    const { id } = window.model.state.conversation;
    await window.chat.remove(id);
    window.chat.dismissNotice(window.model.state.notices[0]?.id ?? '');
    window.chat.undoRemove(id);
    assert.deepEqual(window.model.state.summaries, []);
  });

  it('opens the last conversation and the unsent question again after a restart', async () => {
    const window = open();
    await ask(window, 'Why?', 'So.');
    await window.chat.saveDraft({ text: 'unsent', at: 5 });
    const { id } = window.model.state.conversation;
    const reopened = open({ name: 'x' });
    await reopened.chat.restore();
    assert.equal(reopened.model.state.conversation.id, id);
    assert.equal(reopened.model.state.draft.text, 'unsent');
  });

  it('starts with an empty question when its memory is damaged', async () => {
    await fs.mkdir(path.join(folder, 'workspace'));
    await fs.writeFile(path.join(folder, 'workspace', 'chat.json'), '{"draft":');
    const window = open();
    await window.chat.restore();
    assert.equal(window.model.state.draft.text, '');
  });

  it('says that a damaged conversation was set aside, and opens the others', async () => {
    const window = open();
    await ask(window, 'Why?', 'So.');
    await fs.writeFile(path.join(conversations(), 'broken.json'), '{"format":1');
    const reopened = open({ name: 'x' });
    await reopened.chat.restore();
    assert.deepEqual(reopened.notices, ['damaged']);
    assert.equal(reopened.model.state.summaries.length, 1);
  });

  it('keeps everything in memory while the disk is full, and writes it when there is room', async () => {
    let full = true;
    const files: StoreFiles = {
      ...diskFiles,
      write: (file, text) => (full ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) : diskFiles.write(file, text)),
    };
    const window = open({ files });
    await ask(window, 'Why?', 'So.');
    assert.deepEqual(window.notices, ['diskFull']);
    assert.equal(answerText(last(window)), 'So.');
    full = false;
    await window.chat.retrySave();
    assert.deepEqual(window.notices, []);
    assert.deepEqual(await fs.readdir(conversations()), [`${window.model.state.conversation.id}.json`]);
  });

  it('keeps both versions when two windows go on with the same conversation', async () => {
    const first = open({ name: 'f' });
    await ask(first, 'Why?', 'So.');
    const { id } = first.model.state.conversation;
    const second = open({ name: 's' });
    await second.chat.restore();
    await ask(first, 'First window', 'One.');
    await ask(second, 'Second window', 'Two.');
    assert.deepEqual(second.notices, ['conflict']);
    assert.equal(answerText(last(second)), 'Two.');
    const third = open({ name: 't' });
    await third.chat.restore();
    assert.equal(third.model.state.summaries.length, 2);
    await third.chat.open(id);
    assert.equal(answerText(last(third)), 'One.');
    await third.chat.open(second.model.state.conversation.id);
    assert.equal(answerText(last(third)), 'Two.');
  });

  it('takes over what another window has said', async () => {
    const first = open({ name: 'f' });
    await ask(first, 'Why?', 'So.');
    const second = open({ name: 's' });
    await second.chat.restore();
    await ask(first, 'More?', 'More.');
    await second.chat.refresh();
    assert.equal(answerText(last(second)), 'More.');
  });

  it('ends open answers as interrupted when the window closes', async () => {
    const window = open();
    const done = window.chat.send('Why?');
    const request = await window.engine.nextRequest();
    say(request, 'Half');
    await window.chat.close();
    await done;
    const reopened = open({ name: 'x' });
    await reopened.chat.restore();
    assert.deepEqual([answerText(last(reopened)), last(reopened).state], ['Half', { state: 'interrupted' }]);
  });

  it('has the unsent question on the disk when the window closes, however slow the disk is', async () => {
    const slow: StoreFiles = {
      ...diskFiles,
      write: async (file, text) => {
        await wait(50);
        await diskFiles.write(file, text);
      },
    };
    const window = open({ files: slow });
    void window.chat.saveDraft({ text: 'unsent', at: 5 });
    await window.chat.close();
    const reopened = open({ name: 'x' });
    await reopened.chat.restore();
    assert.equal(reopened.model.state.draft.text, 'unsent');
  });

  it('ends open answers as interrupted when the connection goes with the window', async () => {
    const window = open();
    const done = window.chat.send('Why?');
    const request = await window.engine.nextRequest();
    say(request, 'Half');
    request.result.reject(new EngineError({ code: 'connectionLost' }));
    await window.chat.close();
    await done;
    assert.deepEqual(last(window).state, { state: 'interrupted' });
  });

  it('writes no text of the user above debug level', async () => {
    const window = open();
    await ask(window, 'my secret question', 'my secret answer');
    assert.ok(window.logged.every((record) => record.level === 'trace' || record.level === 'debug' || !record.message.includes('secret')));
  });

  it('takes what would make its model fit while that does not, and at no other time', async () => {
    const window = open();
    const choice = { kind: 'kvType', kvType: 'q8_0' } as const;
    await window.chat.takeMemoryChoice(choice);
    window.model.dispatch({ kind: 'engine', engine: { state: 'error', failure: { code: 'insufficientMemory', path: '/models/large.gguf', requiredBytes: 2, availableBytes: 1, choices: [choice] } }, demonstration: false, modelName: 'large' });
    await window.chat.takeMemoryChoice(choice);
    assert.deepEqual(window.memoryChoices, [[choice, '/models/large.gguf']]);
  });
});
