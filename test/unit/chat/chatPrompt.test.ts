import assert from 'node:assert/strict';
import { attachmentHeading, chatPrompt, questionText } from '../../../src/engine/chat/chatPrompt.js';
import { answer, attachment, question, said, thought } from './turns.js';

describe('chatPrompt', () => {
  it('sends no thought of an earlier answer', () => {
    const prompt = chatPrompt([question('q1', 'Why?'), answer('a1', [thought('secret'), said('Because.')]), question('q2', 'And?')], '');
    assert.deepEqual(prompt, [
      { role: 'user', text: 'Why?' },
      { role: 'assistant', text: 'Because.' },
      { role: 'user', text: 'And?' },
    ]);
  });

  it('begins with the system prompt where there is one', () => {
    assert.deepEqual(chatPrompt([question('q1', 'Hi')], 'Be brief.'), [
      { role: 'system', text: 'Be brief.' },
      { role: 'user', text: 'Hi' },
    ]);
  });

  it('leaves out a question whose answer has no text', () => {
    const turns = [question('q1', 'Lost'), answer('a1', [thought('only a thought')], { state: { state: 'stopped' } }), question('q2', 'Next')];
    assert.deepEqual(chatPrompt(turns, ''), [{ role: 'user', text: 'Next' }]);
  });

  it('sends the text of an answer that was stopped', () => {
    const turns = [question('q1', 'Go'), answer('a1', [said('Half')], { state: { state: 'stopped' } }), question('q2', 'On')];
    assert.deepEqual(chatPrompt(turns, '').map((turn) => turn.text), ['Go', 'Half', 'On']);
  });
});

describe('questionText', () => {
  it('puts an attachment ahead of the question, under its path, in a fence', () => {
    assert.equal(questionText(question('q1', 'What is it?', [attachment('const a = 1;')])), '#src/add.ts\n```typescript\nconst a = 1;\n```\n\nWhat is it?');
  });

  it('fences text that has fences with a longer one', () => {
    const text = questionText(question('q1', 'Q', [attachment('```js\n1\n```\n', { language: 'markdown' })]));
    assert.ok(text.startsWith('#src/add.ts\n````markdown\n```js\n1\n```\n````\n'), text);
  });

  it('names the lines of a selection', () => {
    assert.equal(attachmentHeading(attachment('x', { kind: 'selection', lines: { first: 3, last: 9 } })), '#src/add.ts (lines 3-9)');
    assert.equal(attachmentHeading(attachment('x', { kind: 'selection', lines: { first: 3, last: 3 } })), '#src/add.ts (line 3)');
  });
});
