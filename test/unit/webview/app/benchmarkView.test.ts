import assert from 'node:assert/strict';
import type { BenchmarkRow } from '../../../../src/engine/protocol/modelTypes.js';
import type * as ViewModule from '../../../../src/webview/app/benchmark/benchmarkView.js';
import type { BenchmarkState, BenchmarkViewMessage } from '../../../../src/webview/benchmarkProtocol.js';
import { someRow } from '../../../support/modelExamples.js';
import { openPage } from './page.js';

describe('the page of the benchmark', () => {
  let page: ReturnType<typeof openPage>;
  let createBenchmarkView: typeof ViewModule.createBenchmarkView;
  let posted: BenchmarkViewMessage[] = [];
  let root: HTMLElement;
  let view: ViewModule.BenchmarkView;
  before(async () => {
    page = openPage();
    ({ createBenchmarkView } = await import('../../../../src/webview/app/benchmark/benchmarkView.js'));
  });
  after(() => page.close());
  beforeEach(() => {
    posted = [];
    root = document.createElement('div');
    document.body.replaceChildren(root);
    view = createBenchmarkView(root, (message) => posted.push(message));
  });

  const pod: BenchmarkRow = { ...someRow, where: 'pod', machines: 3, decodeTokensPerSecond: 19, predictedTokensPerSecond: 21 };
  const show = (phase: BenchmarkState['phase'], ...rows: BenchmarkRow[]): void => view.update({ phase, rows });
  const texts = (selector: string): string[] => Array.from(root.querySelectorAll(selector), (element) => element.textContent);
  const buttons = (): string[] => Array.from(root.querySelectorAll<HTMLElement>('vscode-button')).filter(({ hidden }) => !hidden).map(({ textContent }) => textContent);
  const press = (label: string): void => Array.from(root.querySelectorAll<HTMLElement>('vscode-button')).find(({ textContent }) => textContent === label)?.click();

  it('says what is being measured, to screen readers too, and can be stopped', () => {
    show({ kind: 'measuring', now: { model: 'Coder', where: 'pod', done: 1, of: 3 } });
    assert.deepEqual(texts('[role=status]'), ['Measuring Coder on the pod (2 of 3)…']);
    assert.deepEqual(buttons(), ['Stop']);
    press('Stop');
    assert.deepEqual(posted, [{ type: 'stop' }]);
  });

  it('keeps the focus where there was a button, when that makes room for another one', () => {
    show({ kind: 'measuring', now: null });
    for (const button of root.querySelectorAll<HTMLElement>('vscode-button')) button.tabIndex = 0;
    root.querySelector<HTMLElement>('vscode-button:not([hidden])')?.focus();
    show({ kind: 'stopped' });
    assert.equal(document.activeElement?.textContent, 'Measure Again');
    show({ kind: 'measuring', now: null });
    assert.equal(document.activeElement?.textContent, 'Stop');
  });

  it('has a row of the table for each result, with heads that belong to it', () => {
    show({ kind: 'done' }, someRow, pod);
    assert.deepEqual(texts('thead th[scope=col]'), ['Model', 'Where', 'Prompt (tokens/s)', 'Answer (tokens/s)', 'First token', 'Predicted (tokens/s)']);
    assert.deepEqual(texts('tbody th[scope=row]'), ['DeepSeek Coder 1.3B Base Q4_K_M', 'DeepSeek Coder 1.3B Base Q4_K_M']);
    assert.deepEqual(texts('tbody tr:first-child td'), ['this machine, processor', '310', '38.0', '1.6 s', '42.5 (−11 %)']);
  });

  it('has bars as long as the figures, a mark where the prediction was, and stripes for the pod', () => {
    show({ kind: 'done' }, someRow, pod);
    const [figure] = root.querySelectorAll('figure');
    const lines = Array.from(figure?.querySelectorAll<HTMLElement>('.line') ?? [], (line) => {
      const [bar, mark] = [line.querySelector<HTMLElement>('.bar'), line.querySelector<HTMLElement>('.mark')];
      return [bar?.classList.contains('pod'), Number.parseFloat(bar?.style.inlineSize ?? ''), Number.parseFloat(mark?.style.insetInlineStart ?? '')];
    });
    assert.deepEqual(lines, [[false, (38 / 42.5) * 100, 100], [true, (19 / 42.5) * 100, (21 / 42.5) * 100]].map(([striped, ...sizes]) => [striped, ...sizes.map((size) => Number.parseFloat(`${String(size)}%`))]));
  });

  it('hides the chart from screen readers but for its name', () => {
    show({ kind: 'done' }, someRow);
    const image = root.querySelector('figure [role=img]');
    assert.match(image?.getAttribute('aria-label') ?? '', /^Chart: Answer, tokens per second\. The table has the same figures\.$/);
    assert.ok(image?.querySelector('.bars')?.getAttribute('aria-hidden') === 'true');
  });

  it('says of a model why it could not be measured, in the place of its figures', () => {
    show({ kind: 'done' }, { ...someRow, failure: { code: 'modelNotFound', path: '/a.gguf' } });
    assert.equal(root.querySelector('tbody td.failure')?.getAttribute('colspan'), '4');
    assert.match(texts('tbody td.failure').join(), /\/a\.gguf/);
    assert.equal(root.querySelector('figure'), null);
  });

  it('can be copied once there is something, and measured again once it has ended', () => {
    show({ kind: 'measuring', now: null }, someRow);
    assert.deepEqual(buttons(), ['Copy as Markdown', 'Stop']);
    show({ kind: 'stopped' });
    assert.deepEqual(buttons(), ['Measure Again']);
    show({ kind: 'done' }, someRow);
    press('Copy as Markdown');
    press('Measure Again');
    assert.deepEqual(posted, [{ type: 'copy' }, { type: 'start' }]);
    view.copied();
    assert.deepEqual(texts('[role=status]'), ['The table is on the clipboard.']);
  });

  it('says why it failed and what to do', () => {
    show({ kind: 'failed', failure: { code: 'connectionLost' } });
    assert.ok(texts('[role=status]').join().length > 20);
  });

  it('shows the name of a model as text', () => {
    show({ kind: 'done' }, { ...someRow, model: '<img src=x onerror=alert(1)>' });
    assert.equal(root.querySelector('img'), null);
    assert.match(texts('tbody th').join(), /<img src=x/);
  });
});
