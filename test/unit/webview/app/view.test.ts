import assert from 'node:assert/strict';
import { type Conversation, maxTextCharacters } from '../../../../src/engine/chat/conversation.js';
import type * as AppModule from '../../../../src/webview/app/view/app.js';
import { type ChatState, noDraft } from '../../../../src/webview/chatState.js';
import type { ViewMessage } from '../../../../src/webview/protocol.js';
import { answer, attachment, conversation, question, said, thought } from '../../chat/turns.js';
import { openPage } from './page.js';

const base: ChatState = {
  conversation: conversation([], ''),
  summaries: [],
  engine: { state: 'unloaded' },
  demonstration: false,
  modelName: 'Calf',
  attachments: [],
  notices: [],
  search: null,
  draft: noDraft,
};
const meta = { model: 'Calf', promptTokens: 9, generatedTokens: 120, timeToFirstTokenMs: 1_240, tokensPerSecond: 33.33 };

describe('the chat view', () => {
  let page: ReturnType<typeof openPage>;
  let createApp: typeof AppModule.createApp;
  let posted: ViewMessage[] = [];
  let root: HTMLElement;
  let app: AppModule.App;
  before(async () => {
    page = openPage();
    ({ createApp } = await import('../../../../src/webview/app/view/app.js'));
  });
  after(() => page.close());
  beforeEach(() => {
    posted = [];
    root = document.createElement('div');
    document.body.replaceChildren(root);
    app = createApp(root, (message) => posted.push(message), noDraft);
  });

  const show = (turns: Conversation['turns'], change: Partial<ChatState> = {}): void => app.update({ ...base, conversation: conversation(turns), ...change });
  const find = (selector: string): HTMLElement => {
    const element = root.querySelector<HTMLElement>(selector);
    assert.ok(element, selector);
    return element;
  };
  const key = (element: HTMLElement, name: string, shiftKey = false): void => {
    const event = new KeyboardEvent('keydown', { key: name, shiftKey, bubbles: true, cancelable: true });
    element.dispatchEvent(event);
  };
  const area = (): HTMLElement & { value: string } => find('.composer vscode-text-area') as HTMLElement & { value: string };

  it('says that the bundled model is a small demonstration model, and offers another', () => {
    show([], { demonstration: true });
    assert.match(find('.empty .alert').textContent, /small demonstration model/);
    find('.empty .alert vscode-button').click();
    assert.deepEqual(posted, [{ type: 'chooseModel' }]);
  });

  it('asks an example once when it is pressed twice', () => {
    show([]);
    for (const detail of [1, 2]) find('.example').dispatchEvent(new MouseEvent('click', { detail, bubbles: true }));
    assert.deepEqual(posted.map(({ type }) => type), ['send']);
  });

  it('leads to the newest message where there is one, and not in a low view that is empty', () => {
    const hidden = (turns: Conversation['turns']): boolean => {
      show(turns);
      Object.defineProperty(find('.transcript'), 'scrollHeight', { value: 500, configurable: true });
      find('.transcript').scrollTop = 0;
      find('.transcript').dispatchEvent(new Event('scroll'));
      return find('.to-end').hidden === true;
    };
    assert.deepEqual([hidden([]), hidden([question('u1', 'Why?')])], [true, false]);
  });

  it('shows a low view that is empty from its top, and a conversation from its end', () => {
    Object.defineProperty(find('.transcript'), 'scrollHeight', { value: 500, configurable: true });
    show([]);
    assert.equal(find('.transcript').scrollTop, 0);
    show([question('u1', 'Why?')]);
    assert.equal(find('.transcript').scrollTop, 500);
  });

  it('names the model in its header, and leads from there to the choice of another', () => {
    show([], { modelName: 'DeepSeek-R1-Distill-Qwen-7B' });
    const model = find('.header .model');
    assert.equal(model.textContent, 'DeepSeek-R1-Distill-Qwen-7B');
    assert.match(model.getAttribute('aria-label') ?? '', /Choose another/);
    model.click();
    assert.deepEqual(posted, [{ type: 'chooseModel' }]);
  });

  it('offers what would make a model fit, one press away', () => {
    const failure = { code: 'insufficientMemory', path: '/models/large.gguf', requiredBytes: 64e9, availableBytes: 14e9, choices: [{ kind: 'kvType', kvType: 'q8_0' }, { kind: 'smallerContext', contextSize: 4_096 }, { kind: 'pod' }] } as const;
    show([], { engine: { state: 'error', failure: { ...failure, choices: [...failure.choices] } } });
    const buttons = Array.from(root.querySelectorAll<HTMLElement>('.engine-banner vscode-button'));
    assert.deepEqual(buttons.map(({ textContent }) => textContent), ['Use a KV Cache of q8_0', 'Use a Context of 4096', 'Run on the Pod…']);
    buttons[1]?.click();
    assert.deepEqual(posted, [{ type: 'memoryChoice', choice: { kind: 'smallerContext', contextSize: 4_096 } }]);
    show([], { engine: { state: 'unloaded' } });
    assert.equal(root.querySelector('.engine-banner vscode-button'), null);
  });

  it('offers another model where the file cannot be used', () => {
    show([], { engine: { state: 'error', failure: { code: 'modelNotFound', path: '/models/gone.gguf' } } });
    find('.engine-banner vscode-button').click();
    assert.deepEqual(posted, [{ type: 'chooseModel' }]);
  });

  it('says nothing of the kind about another model', () => {
    show([]);
    assert.equal(root.querySelector('.empty .alert'), null);
  });

  it('folds a thought and says how many tokens it has', () => {
    show([question('q1', 'Q'), answer('a1', [{ ...thought('hm'), tokens: 42 }, said('A')])]);
    const details = find('details');
    assert.equal(details.hasAttribute('open'), false);
    assert.equal(find('summary').textContent, 'Thought · 42 tokens');
  });

  it('keeps a thought open while the answer streams on', () => {
    const turns = (text: string): Conversation['turns'] => [question('q1', 'Q'), answer('a1', [thought('hm'), said(text)], { state: { state: 'writing' } })];
    show(turns('A'));
    find('details').setAttribute('open', '');
    show(turns('A longer answer'));
    assert.equal(find('details').hasAttribute('open'), true);
  });

  it('shows the model, tokens, time to first token and tokens/s of an answer', () => {
    show([question('q1', 'Q'), answer('a1', [said('A')], { meta })]);
    assert.equal(find('.meta').textContent, 'Calf · 120 tokens · 1.2 s to first token · 33.3 tokens/s');
  });

  it('says that turns were left out', () => {
    show([question('q1', 'Q'), answer('a1', [said('A')], { droppedTurns: 2 })]);
    assert.match(find('.dropped').textContent, /2 oldest turns were left out/);
  });

  it('shows a failure with the text so far and a Retry', () => {
    show([question('q1', 'Q'), answer('a1', [said('Half')], { state: { state: 'failed', failure: { code: 'connectionLost' } } })]);
    assert.match(find('.answer-body').textContent, /Half/);
    assert.match(find('[role=alert]').textContent, /connection to the engine was lost/);
    find('[role=alert] vscode-button').click();
    assert.deepEqual(posted, [{ type: 'regenerate', turnId: 'a1' }]);
  });

  it('shows recovering as progress, not as an error', () => {
    show([question('q1', 'Q'), answer('a1', [said('Half')], { state: { state: 'recovering' } })]);
    assert.match(find('.progress').textContent, /being restarted/);
    assert.equal(root.querySelector('[role=alert]'), null);
  });

  it('offers to make only the newest answer anew', () => {
    show([question('q1', 'Q'), answer('a1', [said('A')]), question('q2', 'Q'), answer('a2', [said('B')])]);
    assert.equal(root.querySelectorAll('[aria-label="Regenerate answer"]').length, 1);
  });

  it('offers no Retry of an earlier answer, which would take away all that was said after it', () => {
    const failed = { state: { state: 'failed', failure: { code: 'connectionLost' } } } as const;
    show([question('q1', 'Q'), answer('a1', [], failed), question('q2', 'Q'), answer('a2', [said('B')])]);
    assert.match(find('[role=alert]').textContent, /connection to the engine was lost/);
    assert.equal(root.querySelector('[role=alert] vscode-button'), null);
  });

  it('sends with Enter, and not with Shift+Enter', () => {
    show([]);
    area().value = 'Hello';
    key(area(), 'Enter', true);
    assert.equal(posted.length, 0);
    key(area(), 'Enter');
    assert.deepEqual(posted.map((message) => message.type === 'send' && [message.text, typeof message.draftAt]), [['Hello', 'number']]);
    assert.equal(area().value, '');
  });

  it('keeps a question that is too long to be sent, and says so', () => {
    show([]);
    area().value = 'x'.repeat(maxTextCharacters + 1);
    area().dispatchEvent(new Event('input'));
    key(area(), 'Enter');
    assert.deepEqual([posted.length, area().value.length, find('vscode-button.send').hasAttribute('disabled')], [0, maxTextCharacters + 1, true]);
    assert.match(find('.budget').textContent, /too long/);
    area().dispatchEvent(new Event('focusout'));
  });

  it('keeps the draft and sends nothing while an answer is being written', () => {
    show([question('q1', 'Q'), answer('a1', [], { state: { state: 'waiting' } })]);
    area().value = 'Next';
    key(area(), 'Enter');
    assert.deepEqual([posted, area().value], [[], 'Next']);
  });

  it('stops with Escape while an answer is being written', () => {
    show([question('q1', 'Q'), answer('a1', [], { state: { state: 'writing' } })]);
    key(area(), 'Escape');
    assert.deepEqual(posted, [{ type: 'stop' }]);
  });

  it('has the focus itself after a press beside every control, so that it hears Escape', () => {
    area().tabIndex = 0;
    show([question('q1', 'Q'), answer('a1', [], { state: { state: 'writing' } })]);
    app.openConversations();
    root.focus();
    assert.deepEqual([document.activeElement, find('.panel').hidden], [root, true]);
    key(root, 'Escape');
    assert.deepEqual(posted, [{ type: 'stop' }]);
    app.pageFocused();
    assert.equal(document.activeElement, area());
  });

  it('leaves Escape to an input method that composes', () => {
    show([question('q1', 'Q'), answer('a1', [], { state: { state: 'writing' } })]);
    area().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', isComposing: true, bubbles: true, cancelable: true }));
    assert.deepEqual(posted, []);
  });

  it('has Stop in the place of Send while an answer is being written', () => {
    const shown = (): string[] => ['send', 'stop'].filter((name) => !find(`vscode-button.${name}`).hidden);
    show([]);
    assert.deepEqual(shown(), ['send']);
    show([question('q1', 'Q'), answer('a1', [], { state: { state: 'waiting' } })]);
    assert.deepEqual(shown(), ['stop']);
  });

  it('takes the draft of a lost view from the host', () => {
    show([], { draft: { text: 'unsent', at: 1 } });
    assert.equal(area().value, 'unsent');
  });

  it('tells the host the draft at once when the question is left', () => {
    show([]);
    area().value = 'half';
    area().dispatchEvent(new Event('input'));
    assert.equal(posted.length, 0);
    area().dispatchEvent(new Event('focusout'));
    assert.deepEqual(posted.map((message) => message.type === 'draft' && message.text), ['half']);
  });

  it('keeps its own draft when that is newer', () => {
    root.replaceChildren();
    app = createApp(root, () => undefined, { text: 'newer', at: 2 });
    show([], { draft: { text: 'older', at: 1 } });
    assert.equal(area().value, 'newer');
  });

  it('shows attachments with their tokens, estimated ones with a tilde, and removes one', () => {
    show([], { attachments: [attachment('', { tokens: { count: 12, exact: true } }), attachment('', { id: 'at2', path: 'b.ts', tokens: { count: 7, exact: false } })] });
    assert.deepEqual(Array.from(root.querySelectorAll('.chip vscode-badge'), (chip) => chip.textContent), ['12 tokens', '~7 tokens']);
    find('[aria-label="Remove b.ts"]').click();
    assert.deepEqual(posted, [{ type: 'detach', attachmentId: 'at2' }]);
  });

  it('edits a question and sends it again', () => {
    show([question('q1', 'Old'), answer('a1', [said('A')])]);
    find('[aria-label="Edit and send again"]').click();
    const editor = find('.editing vscode-text-area') as HTMLElement & { value: string };
    editor.value = 'New';
    key(editor, 'Enter');
    assert.deepEqual(posted, [{ type: 'resend', turnId: 'q1', text: 'New' }]);
  });

  it('goes on with the editing of a question in the next page, without taking the focus', () => {
    const editor = (): HTMLElement & { value: string } => find('.editing vscode-text-area') as HTMLElement & { value: string };
    show([question('q1', 'Old'), answer('a1', [said('A')])]);
    find('[aria-label="Edit and send again"]').click();
    editor().value = 'New';
    editor().dispatchEvent(new Event('input'));
    root.replaceChildren();
    app = createApp(root, (message) => posted.push(message), noDraft);
    show([question('q0', 'Older'), question('q1', 'Old'), answer('a1', [said('A')])]);
    assert.deepEqual([root.querySelectorAll('.editing').length, editor().value, document.activeElement], [1, 'New', document.body]);
    key(editor(), 'Escape');
    assert.equal(find('article:nth-child(2) .question-text').textContent, 'Old');
  });

  it('leaves the question as it was when editing is given up', () => {
    show([question('q1', 'Old'), answer('a1', [said('A')])]);
    find('[aria-label="Edit and send again"]').click();
    key(find('.editing vscode-text-area'), 'Escape');
    assert.equal(find('.question-text').textContent, 'Old');
    assert.deepEqual(posted, []);
  });

  it('opens a link through the host', () => {
    show([question('q1', 'Q'), answer('a1', [said('[a](https://a.test/x)')])]);
    find('.markdown a').click();
    assert.deepEqual(posted, [{ type: 'openLink', url: 'https://a.test/x' }]);
  });

  it('announces an answer when it is finished, not while it is written', () => {
    show([question('q1', 'Q'), answer('a1', [said('Half')], { state: { state: 'writing' } })]);
    assert.equal(find('[aria-live=polite]').textContent, '');
    show([question('q1', 'Q'), answer('a1', [said('Half and half')])]);
    assert.equal(find('[aria-live=polite]').textContent, 'Half and half');
  });

  it('opens, renames and deletes conversations with the keyboard alone', () => {
    const summaries = ['c1', 'c2'].map((id) => ({ id, title: id, updatedAt: 1, questions: 1, busy: false }));
    show([question('q1', 'Q')], { summaries });
    app.openConversations();
    key(find('.panel vscode-text-field'), 'ArrowDown');
    assert.equal((document.activeElement as HTMLElement).dataset['id'], 'c1');
    key(document.activeElement as HTMLElement, 'ArrowDown');
    assert.equal((document.activeElement as HTMLElement).dataset['id'], 'c2');
    key(document.activeElement as HTMLElement, 'Delete');
    key(document.activeElement as HTMLElement, 'F2');
    const field = find('.renaming vscode-text-field') as HTMLElement & { value: string };
    field.value = 'Better';
    key(field, 'Enter');
    key(find('[data-id=c2]'), 'Enter');
    assert.deepEqual(posted, [
      { type: 'deleteConversation', id: 'c2' },
      { type: 'renameConversation', id: 'c2', title: 'Better' },
      { type: 'openConversation', id: 'c2' },
    ]);
    assert.equal(find('.panel').hidden, true);
  });

  it('closes the list of conversations when the focus goes to the question, and leaves it there', () => {
    area().tabIndex = 0;
    show([]);
    app.openConversations();
    area().focus();
    assert.equal(find('.panel').hidden, true);
    assert.equal(document.activeElement, area());
  });

  it('shows what is looked for when the list of conversations is opened again by a new page', () => {
    show([question('q1', 'Q')], { search: { query: 'sum', hits: [] } });
    app.openConversations();
    const field = find('.panel vscode-text-field') as HTMLElement & { value: string };
    assert.equal(field.value, 'sum');
    key(field, 'Escape');
    assert.deepEqual(posted, [{ type: 'search', query: '' }]);
  });

  it('finds conversations while one is being renamed', () => {
    const summaries = ['c1', 'c2'].map((id) => ({ id, title: id, updatedAt: 1, questions: 1, busy: false }));
    show([question('q1', 'Q')], { summaries });
    app.openConversations();
    key(find('[data-id=c1]'), 'F2');
    find('.panel vscode-text-field').tabIndex = 0;
    find('.panel vscode-text-field').focus();
    show([question('q1', 'Q')], { summaries, search: { query: 'c2', hits: [{ id: 'c2', excerpt: null }] } });
    assert.deepEqual(Array.from(root.querySelectorAll('.conversation'), (row) => (row as HTMLElement).dataset['id']), ['c2']);
  });

  it('leaves Enter to an input method that composes a new title', () => {
    show([question('q1', 'Q')], { summaries: [{ id: 'c1', title: 'c1', updatedAt: 1, questions: 1, busy: false }] });
    app.openConversations();
    key(find('[data-id=c1]'), 'F2');
    find('.renaming vscode-text-field').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }));
    find('.renaming vscode-text-field');
  });

  it('moves the focus to the row in the place of a deleted one, and to the search after the last', () => {
    const summaries = ['c1', 'c2', 'c3'].map((id) => ({ id, title: id, updatedAt: 1, questions: 1, busy: false }));
    const focusedRow = (): string | undefined => (document.activeElement as HTMLElement).dataset['id'];
    show([question('q1', 'Q')], { summaries });
    app.openConversations();
    find('[data-id=c2] [aria-label="Delete c2"]').tabIndex = 0;
    find('[data-id=c2] [aria-label="Delete c2"]').focus();
    show([question('q1', 'Q')], { summaries: summaries.filter(({ id }) => id !== 'c2') });
    assert.equal(focusedRow(), 'c3');
    find('.panel vscode-text-field').tabIndex = 0;
    show([question('q1', 'Q')], { summaries: [] });
    assert.equal(document.activeElement, find('.panel vscode-text-field'));
  });

  it('moves the focus to the question when what had it is gone', () => {
    area().tabIndex = 0;
    show([question('q1', 'Q'), answer('a1', [said('A')])]);
    find('[aria-label="Regenerate answer"]').tabIndex = 0;
    find('[aria-label="Regenerate answer"]').focus();
    show([question('q1', 'Q'), answer('a2', [], { state: { state: 'waiting' } })]);
    assert.equal(document.activeElement, area());
  });

  it('has the question in focus when VS Code focuses the page, and leaves what had the focus and an open list alone', () => {
    area().tabIndex = 0;
    show([question('q1', 'Q'), answer('a1', [said('A')])]);
    app.pageFocused();
    assert.equal(document.activeElement, area());
    find('.transcript').focus();
    app.pageFocused();
    assert.equal(document.activeElement, find('.transcript'));
    app.openConversations();
    find('.transcript').blur();
    app.pageFocused();
    assert.equal(find('.panel').hidden, false);
  });

  it('sends an unchanged question again, too', () => {
    show([question('q1', 'Same'), answer('a1', [said('A')])]);
    find('[aria-label="Edit and send again"]').click();
    key(find('.editing vscode-text-area'), 'Enter');
    assert.deepEqual(posted, [{ type: 'resend', turnId: 'q1', text: 'Same' }]);
  });

  it('gives every button a name', () => {
    show([question('q1', 'Q'), answer('a1', [said('```ts\n1\n```')], { meta })], {
      attachments: [attachment('')],
      notices: [{ kind: 'failure', id: 'n1', failure: { code: 'diskFull', path: '/x' } }],
    });
    app.openConversations();
    for (const button of root.querySelectorAll('vscode-button, button')) {
      assert.ok((button.getAttribute('aria-label') ?? button.textContent).trim() !== '', button.outerHTML);
    }
  });

  it('shows the progress of loading', () => {
    show([], { engine: { state: 'loading', progress: 0.42 } });
    assert.match(find('.engine-banner').textContent, /42 %/);
    show([], { engine: { state: 'unloaded' } });
    assert.equal(find('.engine-banner').hidden, true);
  });
});
