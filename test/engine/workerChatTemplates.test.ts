import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withChatTemplate } from '../support/ggufFixture.js';
import { calf, calfFile, type Generation, openWorkers, WorkerProcess } from '../support/workerProcess.js';

describe('worker: chat templates', () => {
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-templates-'));
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
    assert.deepEqual(openWorkers(), []);
  });

  const ask = async (edit: (template: string) => string, resume?: (answer: Generation) => readonly number[]): Promise<Generation> => {
    const file = path.join(folder, 'calf.gguf');
    fs.writeFileSync(file, withChatTemplate(fs.readFileSync(calfFile), edit));
    const worker = WorkerProcess.fork();
    try {
      await worker.load({ model: { ...calf, path: file }, completion: null, chat: { contextSize: 1_024, slots: 1 }, remote: null });
      const turns = [{ role: 'user' as const, text: 'Write a function that adds two numbers.' }];
      const answer = await worker.chat({ turns });
      return resume === undefined ? answer : await worker.chat({ turns }, { resume: resume(answer) });
    } finally {
      await worker.stop();
    }
  };
  const assistantOpens = (text: string) => (template: string) => template.replace("{{ '<｜Assistant｜>' }}{% endif %}", `{{ '<｜Assistant｜>${text}' }}{% endif %}`);

  it('shows the thought that a template opens itself, as DeepSeek-R1 does', async () => {
    const { text, tokens, result } = await ask(assistantOpens('<think>\\n'));
    assert.match(text, /^<think>\n[^<]+<\/think>[^]*addNumbers/);
    assert.equal(text.split('<think>').length, 2);
    assert.equal(result.finish, 'end');
    assert.equal(tokens.length, result.stats.generatedTokens);
  });

  it('does not open the thought again when an answer is continued', async () => {
    const { text } = await ask(assistantOpens('<think>\\n'), (answer) => answer.tokens.slice(0, 3));
    assert.doesNotMatch(text, /<think>/);
  });

  it('answers without a thought where the template closes it', async () => {
    const { text } = await ask(assistantOpens('</think>\\n\\n'));
    assert.doesNotMatch(text, /think>/);
    assert.match(text, /return a \+ b;/);
  });

  it('renders a template that has no special tokens around its turns', async () => {
    const { text, result } = await ask((template) => template.replaceAll('<｜Assistant｜>', '\n\n### Answer: ').replaceAll('<｜User｜>', '\n\n### Question: '));
    assert.ok(result.stats.promptTokens > 12);
    assert.doesNotMatch(text, /｜/);
  });
});
