import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { documentSnapshot } from '../../src/host/documentSnapshot.js';

const open = (content: string): Thenable<vscode.TextDocument> => vscode.workspace.openTextDocument({ language: 'typescript', content });
const options = { trigger: 'automatic', changedAt: 7 } as const;

describe('documentSnapshot', () => {
  it('takes the text around the cursor', async () => {
    const document = await open('one\ntwo three\nfour\n');
    const { prefix, linePrefix, lineSuffix, below, line, firstLine, languageId, version, changedAt } = documentSnapshot(document, new vscode.Position(1, 4), options);
    assert.deepEqual(
      { prefix, linePrefix, lineSuffix, below, line, firstLine, languageId, version, changedAt },
      { prefix: 'one\n', linePrefix: 'two ', lineSuffix: 'three', below: '\nfour\n', line: 1, firstLine: 0, languageId: 'typescript', version: 1, changedAt: 7 },
    );
  });

  it('writes every line end as a line feed', async () => {
    const document = await open('one\r\ntwo\r\nthree');
    assert.equal(document.eol, vscode.EndOfLine.CRLF);
    const { prefix, below } = documentSnapshot(document, new vscode.Position(1, 3), options);
    assert.deepEqual([prefix, below], ['one\n', '\nthree']);
  });

  it('takes a window of a long document', async () => {
    const document = await open(Array.from({ length: 2_000 }, (_, line) => `line ${line}`).join('\n'));
    const { prefix, below, firstLine } = documentSnapshot(document, new vscode.Position(1_000, 3), options);
    assert.equal(firstLine, 768);
    assert.ok(prefix.startsWith('line 768\n') && prefix.endsWith('line 999\n'));
    assert.ok(below.startsWith('\nline 1001\n') && below.endsWith('\nline 1064'));
  });

  it('shows the item of the suggest widget as accepted', async () => {
    const document = await open('console.lo;\n');
    const selected = { range: new vscode.Range(0, 8, 0, 10), text: 'log' };
    const { linePrefix, lineSuffix } = documentSnapshot(document, new vscode.Position(0, 10), { ...options, selected });
    assert.deepEqual([linePrefix, lineSuffix], ['console.log', ';']);
  });
});
