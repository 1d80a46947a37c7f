import assert from 'node:assert/strict';
import type { CompletionOutcome } from '../../src/engine/completion/outcome.js';
import { type CalfEngine, startCalfEngine } from '../support/calfEngine.js';
import { snapshotAt } from '../support/snapshotAt.js';
import { type SeenRequest, Typist } from '../support/typist.js';

/** Enough code around the cursor for a lost KV cache to show in the figures. */
const above = `import { readFile } from 'node:fs/promises';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The distance of two points in the plane. */
export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

export async function readPoints(path: string): Promise<Point[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\\n').map((line) => parsePoint(line));
}

export function middle(a: Point, b: Point): Point {
  `;
const below = `
}

function parsePoint(line: string): Point {
  const [x, y] = line.split(',');
  return { x: Number(x), y: Number(y) };
}
`;
/** Healing takes back a token or two, and the last one is always evaluated anew. */
const few = 4;

const at = (line: string): string => `${above}${line}|${below}`;
const evaluated = (request: SeenRequest): number => request.promptTokens - request.cachedTokens;
const shownText = (outcome: CompletionOutcome): string => {
  assert.equal(outcome.kind, 'shown', JSON.stringify(outcome));
  return outcome.kind === 'shown' ? outcome.text : '';
};

describe('completion, from the keystroke to calf and back', () => {
  let calf: CalfEngine;
  const typists: Typist[] = [];
  before(async () => {
    calf = await startCalfEngine({ slots: 2 });
  });
  afterEach(async () => {
    for (const typist of typists.splice(0)) {
      typist.dispose();
      await typist.quiet();
    }
  });
  after(() => calf.stop());

  function sitDown(name: string): Typist {
    const typist = new Typist(calf.client, name);
    typists.push(typist);
    return typist;
  }

  it('completes the body of add', async () => {
    const outcome = await sitDown('add').ask('function add(a: number, b: number) { return |');
    assert.match(shownText(outcome), /^a \+ b;/);
  });

  it('evaluates the typed tokens and a few more for a keystroke in the same line', async () => {
    const typist = sitDown('typing');
    const line = 'const middleOfBoth = { x: (a.x + b.x) / 2, y: 17 };';
    for (let typed = 0; typed <= line.length; typed++) await typist.ask(at(line.slice(0, typed)));
    await typist.quiet();
    const [first, ...others] = typist.requests.filter((request) => request.promptTokens > 0);
    assert.ok(first !== undefined && evaluated(first) > 150, 'the first one evaluates the whole prompt');
    assert.ok(others.length > 5, 'the model was asked again');
    let known = first.prompt.tail;
    for (const request of others) {
      const { tail } = request.prompt;
      const added = tail.startsWith(known) ? tail.slice(known.length) : tail;
      const limit = (added === '' ? 0 : await calf.client.countTokens('completion', added, new AbortController().signal)) + few;
      assert.ok(evaluated(request) <= limit, `${evaluated(request)} tokens for ${JSON.stringify(added)}, at most ${limit}`);
      known = tail;
    }
  });

  it('asks nothing while the suggestion itself is typed', async () => {
    const typist = sitDown('along');
    const suggestion = shownText(await typist.ask(at('return ')));
    await typist.quiet();
    const asked = typist.requests.length;
    for (let typed = 1; typed < suggestion.length; typed++) {
      assert.equal(shownText(await typist.ask(at(`return ${suggestion.slice(0, typed)}`))), suggestion.slice(typed));
    }
    assert.equal(typist.requests.length, asked);
  });

  it('aborts a request in the worker when another keystroke supersedes it', async () => {
    const typist = sitDown('superseding');
    const outcomes: Promise<CompletionOutcome>[] = [];
    for (const line of ['const', 'let q', 'if (z', 'await ', 'throw ']) outcomes.push(typist.ask(at(line)));
    const last = await outcomes.at(-1);
    const kinds = (await Promise.all(outcomes)).map((outcome) => outcome.kind);
    assert.deepEqual(kinds.slice(0, -1), ['cancelled', 'cancelled', 'cancelled', 'cancelled']);
    assert.notEqual(last?.kind, 'cancelled');
    await typist.quiet();
    for (const request of typist.requests.slice(0, 4)) assert.deepEqual([request.aborted, request.end], [true, 'failed']);
  });

  it('stops decoding when the model begins to say the same again and again', async () => {
    const typist = sitDown('looping');
    assert.deepEqual(await typist.ask('/**|\n'), { kind: 'empty', reason: 'nothing' });
    await typist.quiet();
    const [request] = typist.requests;
    assert.equal(request?.aborted, true);
    assert.ok(request.generatedTokens < 128, `${request.generatedTokens} tokens`);
  });

  it('evaluates nothing anew when two windows take turns', async () => {
    const [one, two] = [sitDown('window one'), sitDown('window two')];
    const other = (line: string): string => at(line).replaceAll('Point', 'Vector');
    await one.ask(at(''));
    await one.quiet();
    await two.ask(other(''));
    await two.quiet();
    const lines = ['zig(', 'zig(zag, ', 'zig(zag, 17, '];
    for (const line of lines) {
      await one.ask(at(line));
      await one.quiet();
      await two.ask(other(line));
      await two.quiet();
    }
    for (const typist of [one, two]) {
      const typed = typist.requests.filter(({ prompt }) => lines.includes(prompt.tail.trimStart()));
      assert.ok(typed.length > 0);
      for (const request of typed) {
        assert.ok(evaluated(request) <= 8 + few, `${evaluated(request)} tokens for ${JSON.stringify(request.prompt.tail)}`);
      }
    }
  });

  it('finds recent chunks in the KV cache after warming', async () => {
    const typist = sitDown('warming');
    await typist.ask(at('warm('));
    await typist.quiet();
    typist.chunks.offer({
      uri: 'file:///project/src/shapes.ts',
      path: 'src/shapes.ts',
      text: 'export interface Circle {\n  readonly centre: Point;\n  readonly radius: number;\n}\n\nexport const unit: Circle = { centre: origin, radius: 1 };\n',
    });
    assert.equal(typist.chunks.admit(16), true);
    const before = typist.requests.length;
    await typist.engine.warm(snapshotAt(at('warm(')));
    await typist.quiet();
    await typist.ask(at('warm(17, '));
    await typist.quiet();
    const [warming, keystroke] = typist.requests.slice(before);
    assert.ok(warming !== undefined && evaluated(warming) > 150);
    assert.match(keystroke?.prompt.context[0] ?? '', /^#src\/shapes\.ts\n/);
    assert.ok(keystroke !== undefined && evaluated(keystroke) <= 2 + few, `${keystroke && evaluated(keystroke)} tokens`);
  });
});
