import assert from 'node:assert/strict';
import { maxTextCharacters } from '../../../src/engine/chat/conversation.js';
import { maxViewMessageCharacters, parseHostMessage, parseViewMessage, safeLink } from '../../../src/webview/protocol.js';

function failureOf(value: unknown): string {
  const parsed = parseViewMessage(value);
  return parsed.ok ? 'accepted' : parsed.failure.code;
}

describe('parseViewMessage', () => {
  const cyclic: Record<string, unknown> = { type: 'ready' };
  cyclic['self'] = cyclic;
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['nothing', undefined, 'invalidMessage'],
    ['null', null, 'invalidMessage'],
    ['a string', 'ready', 'invalidMessage'],
    ['an array', [{ type: 'ready' }], 'invalidMessage'],
    ['an unknown type', { type: 'eval', code: '1' }, 'unknownMethod'],
    ['a type that is not text', { type: 7 }, 'invalidMessage'],
    ['a name of the prototype', { type: 'constructor' }, 'unknownMethod'],
    ['a missing field', { type: 'send' }, 'invalidMessage'],
    ['a field of another type', { type: 'send', text: 7 }, 'invalidMessage'],
    ['a question without text', { type: 'send', text: ' \n' }, 'invalidMessage'],
    ['a question that is too long', { type: 'send', text: 'x'.repeat(maxTextCharacters + 1) }, 'invalidMessage'],
    ['a message that is too large', { type: 'send', text: 'x'.repeat(maxViewMessageCharacters + 1) }, 'messageTooLarge'],
    ['large fields that nobody asked for', { type: 'ready', more: 'x'.repeat(maxViewMessageCharacters) }, 'messageTooLarge'],
    ['what cannot be a message', cyclic, 'messageTooLarge'],
    ['an id that is a path', { type: 'openConversation', id: '../../etc/passwd' }, 'invalidMessage'],
    ['an unknown code action', { type: 'code', action: 'run', turnId: 'a', code: '', language: '' }, 'invalidMessage'],
    ['a title of spaces', { type: 'renameConversation', id: 'a', title: '   ' }, 'invalidMessage'],
  ];
  for (const [fact, value, code] of refused) it(`refuses ${fact} with ${code}`, () => assert.equal(failureOf(value), code));

  it('says what is wrong without the text that was sent', () => {
    const parsed = parseViewMessage({ type: 'send', text: 'my secret'.repeat(200_000) });
    assert.ok(!parsed.ok && !JSON.stringify(parsed.failure).includes('secret'));
  });

  it('drops fields that nobody asked for', () => assert.deepEqual(parseViewMessage({ type: 'stop', more: 1 }), { ok: true, message: { type: 'stop' } }));
});

describe('parseHostMessage', () => {
  it('refuses a snapshot without a state', () => assert.equal(parseHostMessage({ type: 'snapshot', sequence: 0 }).ok, false));
  it('refuses a delta of an unknown kind', () => assert.equal(parseHostMessage({ type: 'deltas', sequence: 1, deltas: [{ kind: 'script' }] }).ok, false));
  it('takes a delta', () => assert.equal(parseHostMessage({ type: 'deltas', sequence: 1, deltas: [{ kind: 'draft', draft: { text: 'a', at: 1 } }] }).ok, true));
});

describe('safeLink', () => {
  for (const url of ['https://example.org/a?b#c', 'http://example.org/', 'mailto:a@example.org']) it(`opens ${url}`, () => assert.equal(safeLink(url), url));
  for (const url of ['javascript:alert(1)', ' JaVaScRiPt:alert(1)', 'command:workbench.action.quit', 'vscode://settings', 'file:///etc/passwd', 'data:text/html,x', '//example.org', 'relative']) {
    it(`does not open ${url}`, () => assert.equal(safeLink(url), null));
  }
});
