import assert from 'node:assert/strict';
import { exportFileName, exportMarkdown } from '../../../src/engine/chat/exportMarkdown.js';
import { searchConversation } from '../../../src/engine/chat/search.js';
import { titleOf } from '../../../src/engine/chat/title.js';
import { contextTokens, estimateTokens } from '../../../src/engine/chat/tokenEstimate.js';
import { answer, attachment, conversation, question, said, thought } from './turns.js';

describe('titleOf', () => {
  const table: readonly { readonly fact: string; readonly text: string; readonly title: string; readonly path?: string }[] = [
    { fact: 'is the first line', text: 'How?\nMore.', title: 'How?' },
    { fact: 'has no markup', text: '## **Fix** `this`', title: 'Fix this' },
    { fact: 'passes over empty lines and fences', text: '\n```ts\nconst a = 1;', title: 'ts' },
    { fact: 'is cut at a word', text: 'word '.repeat(30), title: `${'word '.repeat(11).trim()}…` },
    { fact: 'is not cut inside a character', text: `ab${'🚀'.repeat(40)}`, title: `ab${'🚀'.repeat(28)}…` },
    { fact: 'names the attached file', text: 'Explain', title: 'Explain · add.ts', path: 'src/add.ts' },
    { fact: 'is the file where there is no text', text: '\n', title: 'add.ts', path: 'C:\\src\\add.ts' },
  ];
  for (const { fact, text, title, path } of table) {
    it(fact, () => assert.equal(titleOf(question('q', text, path === undefined ? [] : [attachment('', { path })])), title));
  }
});

describe('searchConversation', () => {
  const sample = conversation([question('q1', 'How do I sort an array?'), answer('a1', [thought('bubble'), said('Use the method sort of the array, which works in place.')])], 'Sorting');
  it('finds every word, wherever each is', () => assert.ok(searchConversation(sample, 'SORTING place')));
  it('finds nothing when one word is missing', () => assert.equal(searchConversation(sample, 'sort quickly'), null));
  it('does not search thoughts', () => assert.equal(searchConversation(sample, 'bubble'), null));
  it('shows the text around the place', () => {
    const excerpt = searchConversation(conversation([question('q1', 'One.\nIt  works.')]), 'works')?.excerpt;
    assert.deepEqual(excerpt, { before: 'One. It ', match: 'works', after: '.' });
  });
  it('shows no text where only the title matches', () => assert.equal(searchConversation(sample, 'sorting')?.excerpt, null));
});

describe('exportMarkdown', () => {
  it('has the title, the question with its attachment, the folded thought and the answer', () => {
    const text = exportMarkdown(conversation([question('q1', 'Why?', [attachment('a\n')]), answer('a1', [{ kind: 'thought', text: 'hm', tokens: 3 }, said('So.')])]));
    assert.equal(
      text,
      '# A title\n\n## Question\n\nWhy?\n\n**#src/add.ts**\n\n```typescript\na\n```\n\n## Answer\n\n<details>\n<summary>Thought · 3 tokens</summary>\n\n```text\nhm\n```\n\n</details>\n\nSo.\n',
    );
  });
  it('names the file after the title without what file systems refuse', () => {
    assert.equal(exportFileName(conversation([], 'a/b: "c" <d>')), 'a b c d.md');
    assert.equal(exportFileName(conversation([], '../..')), 'chat.md');
  });
});

describe('contextTokens', () => {
  it('goes on from what the model counted itself', () => {
    const meta = { model: 'm', promptTokens: 100, generatedTokens: 30, timeToFirstTokenMs: 1, tokensPerSecond: 1 };
    const turns = [question('q1', 'x'.repeat(7_000)), answer('a1', [{ kind: 'thought', text: 't', tokens: 20 }, { kind: 'text', text: 'a', tokens: 10 }], { meta })];
    assert.equal(contextTokens(conversation(turns), [attachment('', { tokens: { count: 5, exact: true } })], ''), 115);
  });
  it('estimates what was not counted', () => {
    assert.equal(contextTokens(conversation([question('q1', 'abcdefg')]), [], 'abcdefg'), 2 * estimateTokens('abcdefg'));
  });
});
