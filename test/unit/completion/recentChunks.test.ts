import assert from 'node:assert/strict';
import { type Chunk, RecentChunks } from '../../../src/engine/completion/recentChunks.js';
import { snapshotAt } from '../../support/snapshotAt.js';

/** A chunk of ten lines that no other chunk has. */
const chunk = (name: string, changes: Partial<Chunk> = {}): Chunk => ({
  uri: `file:///${name}.ts`,
  path: `${name}.ts`,
  text: Array.from({ length: 10 }, (_, line) => `const ${name}${line} = ${line};`).join('\n'),
  ...changes,
});
const elsewhere = snapshotAt('|');

function paths(ring: RecentChunks, capacity = 16, snapshot = elsewhere): string[] {
  return ring.select(snapshot, capacity).map(({ path }) => path);
}

describe('RecentChunks', () => {
  let ring: RecentChunks;
  beforeEach(() => {
    ring = new RecentChunks();
  });
  const fill = (...names: string[]): void => {
    for (const name of names) ring.offer(chunk(name));
    ring.admit(16);
  };

  it('lets a chunk in only in an idle moment', () => {
    ring.offer(chunk('a'));
    assert.deepEqual(paths(ring), []);
    assert.equal(ring.waiting, 1);
    assert.equal(ring.admit(16), true);
    assert.deepEqual(paths(ring), ['a.ts']);
    assert.equal(ring.waiting, 0);
  });

  it('keeps the order of those that are in', () => {
    fill('a', 'b');
    fill('c');
    assert.deepEqual(paths(ring), ['a.ts', 'b.ts', 'c.ts']);
  });

  it('leaves the prompt as it is when a chunk comes that is in already', () => {
    fill('a', 'b');
    ring.offer(chunk('a'));
    assert.equal(ring.admit(16), false);
    assert.deepEqual(paths(ring), ['a.ts', 'b.ts']);
  });

  it('replaces an older state of the same text', () => {
    fill('a', 'b');
    const changed = chunk('a').text.replace('const a0', 'const zero').replace('const a1', 'const one').replace('const a2', 'const two');
    ring.offer(chunk('a', { text: changed }));
    assert.equal(ring.admit(16), true);
    assert.deepEqual(ring.select(elsewhere, 16).map(({ text }) => text), [chunk('b').text, changed]);
  });

  it('gives up a quarter at once when it is full', () => {
    for (let index = 0; index < 16; index++) fill(`m${index}x`);
    assert.equal(paths(ring).length, 16);
    fill('new');
    assert.equal(paths(ring).length, 12);
    assert.equal(paths(ring).at(-1), 'new.ts');
    assert.equal(paths(ring)[0], 'm5x.ts');
  });

  it('leaves out what the window of the same file shows', () => {
    const open = chunk('open');
    fill('open', 'other');
    assert.deepEqual(paths(ring, 16, snapshotAt(`${open.text}\n|`, { uri: open.uri })), ['other.ts']);
    assert.deepEqual(paths(ring, 16, snapshotAt(`|\n${open.text}`, { uri: open.uri })), ['other.ts']);
    assert.deepEqual(paths(ring, 16, snapshotAt('far away|', { uri: open.uri })), ['open.ts', 'other.ts']);
  });

  it('selects the same while a line is typed', () => {
    const open = chunk('open');
    fill('open', 'other');
    for (const typed of ['c', 'const open3', 'const open3 = 3;']) {
      assert.deepEqual(paths(ring, 16, snapshotAt(`far away\n${typed}|`, { uri: open.uri })), ['open.ts', 'other.ts']);
    }
  });

  it('obeys the setting, and zero is none', () => {
    fill('a', 'b', 'c');
    assert.deepEqual(paths(ring, 2), ['b.ts', 'c.ts']);
    assert.deepEqual(paths(ring, 0), []);
  });

  it('refuses data and scraps', () => {
    ring.offer(chunk('data', { text: 'x'.repeat(10_000) }));
    ring.offer(chunk('scrap', { text: '{\n}\n' }));
    assert.equal(ring.waiting, 0);
  });

  it('keeps the newest state of a chunk that waits', () => {
    ring.offer(chunk('a'));
    ring.offer(chunk('a', { text: `${chunk('a').text}\nconst more = true;` }));
    assert.equal(ring.waiting, 1);
    ring.admit(16);
    assert.match(ring.select(elsewhere, 16)[0]?.text ?? '', /const more/);
  });
});
