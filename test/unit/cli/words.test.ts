import assert from 'node:assert/strict';
import fs from 'node:fs';
import { doctorWords, downloadWords, failureWords, noticeWords } from '../../../src/cli/words.js';
import { doctorCheckSchema } from '../../../src/engine/protocol/podTypes.js';
import { failureText } from '../../../src/engine/protocol/failureText.js';
import { wordedFailures } from '../../support/failureExamples.js';
import { someDownload } from '../../support/modelExamples.js';

/** Settings of VS Code, titles of its commands, and its parts. */
const ofTheEditor = /\bseekpod\.\w|"Seekpod: |http\.proxy|output channel|Models view|this window/;

/** Every command of the terminal that is named in quotes. */
const commandsIn = (text: string): string[] => Array.from(text.matchAll(/"seekpod (?:(?:pod|models) )?([a-z]+)/g), ([, command]) => command ?? '');

describe('the words for a terminal', () => {
  for (const failure of wordedFailures) {
    const reason = 'reason' in failure && failure.code.endsWith('Refused') ? ` (${failure.reason})` : '';
    it(`${failure.code}${reason} names no setting and no command of VS Code`, () => {
      const text = failureWords(failure);
      assert.doesNotMatch(text, ofTheEditor);
      assert.doesNotMatch(text, /\{\d\}|undefined/);
    });
  }

  it('the commands that they name are there', () => {
    const sources = ['src/cli.ts', 'src/cli/modelsCommands.ts', 'src/cli/podCommands.ts'].map((file) => fs.readFileSync(file, 'utf8')).join('');
    const named = new Set(wordedFailures.flatMap((failure) => commandsIn(failureWords(failure))));
    assert.ok(named.size > 5);
    for (const command of named) assert.ok(sources.includes(`command('${command}')`), command);
  });

  it('in VS Code the same failures name its settings', () => {
    assert.ok(wordedFailures.filter((failure) => ofTheEditor.test(failureText(failure))).length > 20);
  });

  it('a download that has failed names no setting', () => {
    assert.match(downloadWords({ ...someDownload, status: { state: 'failed', failure: { code: 'serverUnreachable', host: 'hub.example', reason: 'ECONNREFUSED' } } }), /HF_ENDPOINT/);
  });

  it('a model that got less than asked names no setting', () => {
    assert.doesNotMatch(noticeWords({ kind: 'reduced', role: 'chat', model: 'R1', contextSize: 4_096, kvType: 'q8_0' }), ofTheEditor);
  });

  for (const check of doctorCheckSchema.options) {
    it(`what the doctor says of ${check} names no setting and no command of VS Code`, () => {
      for (const verdict of ['good', 'warning', 'bad', 'unknown'] as const) {
        for (const machine of [null, 'mini']) {
          const { what, advice } = doctorWords({ check, verdict, machine, detail: 'fact' });
          assert.doesNotMatch(`${what} ${advice ?? ''}`, ofTheEditor);
        }
      }
    });
  }
});
