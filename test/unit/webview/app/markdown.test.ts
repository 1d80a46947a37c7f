import assert from 'node:assert/strict';
import type * as Markdown from '../../../../src/webview/app/markdown.js';
import type * as View from '../../../../src/webview/app/view/markdownView.js';
import { openPage } from './page.js';

describe('markdown of an answer', () => {
  let page: ReturnType<typeof openPage>;
  let markdown: typeof Markdown;
  let view: typeof View;
  before(async () => {
    page = openPage();
    markdown = await import('../../../../src/webview/app/markdown.js');
    view = await import('../../../../src/webview/app/view/markdownView.js');
  });
  after(() => page.close());

  const render = (text: string): HTMLElement => {
    const shown = view.markdownView(() => undefined);
    shown.update(text);
    return shown.element;
  };

  const hostile: readonly (readonly [string, string])[] = [
    ['an image with a handler', '<img src=x onerror=alert(1)>'],
    ['a script', '<script>alert(1)</script>'],
    ['an svg with a handler', '<svg/onload=alert(1)>'],
    ['a frame', '<iframe src="javascript:alert(1)"></iframe>'],
    ['a form', '<form action="https://evil.test"><input name=q></form>'],
    ['a style', '<style>body{display:none}</style><p style="position:fixed">x</p>'],
    ['a link that is script', '[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](&#106;avascript:alert(1))'],
    ['a link that is data', '[a](data:text/html;base64,PHNjcmlwdD4=)'],
    ['a link that is a command', '[a](command:workbench.action.quit) [b](vscode://x/y) [c](file:///etc/passwd)'],
    ['an autolink that is script', '<javascript:alert(1)>'],
    ['an image from outside', '![tracker](https://evil.test/p.png)'],
    ['an image that is data', '![x](data:image/svg+xml;base64,PHN2Zz4=)'],
    ['markup in a code block', '```html\n<img src=x onerror=alert(1)><script>alert(1)</script>\n```'],
    ['markup in the name of a language', '```"><img/src=x/onerror=alert(1)>\ncode\n```'],
    ['markup in a code block that is not closed yet', '```html\n<img src=x onerror=alert(1)>'],
    ['markup in inline code', '`<img src=x onerror=alert(1)>`'],
    ['markup in a code block inside a list', '- a\n  ```html\n  <script>alert(1)</script>\n  ```'],
    ['markup in a link title', '[a](https://a.test "\\" onmouseover=alert(1) x=\\"")'],
    ['markup in a table', '| a |\n|---|\n| <img src=x onerror=alert(1)> |'],
  ];
  for (const [fact, text] of hostile) {
    it(`renders ${fact} as harmless text or link`, () => {
      const element = render(text);
      assert.deepEqual(element.querySelectorAll('script, img, iframe, object, embed, form, input, style, link, meta, base').length, 0);
      // The view's own icons are the only drawings.
      for (const svg of element.querySelectorAll('svg')) assert.equal(svg.getAttribute('class')?.startsWith('icon'), true);
      for (const node of element.querySelectorAll('*')) {
        for (const { name, value } of Array.from(node.attributes)) {
          assert.ok(!name.startsWith('on') && name !== 'style' && name !== 'src', `${node.tagName} has ${name}`);
          if (name === 'href') assert.match(value, /^(https?|mailto):/);
        }
      }
    });
  }

  it('names the language of a code block inside a list as it does elsewhere', () => {
    const named = (text: string): string | undefined => render(text).querySelector('.language')?.textContent;
    assert.equal(named('- a\n  ```ts:src/a/file/somewhere.ts\n  const a = 1;\n  ```'), 'ts');
    assert.equal(named(`- a\n  \`\`\`${'x'.repeat(100)}\n  const a = 1;\n  \`\`\``)?.length, 64);
  });
  it('shows the text of markup that it does not render', () => assert.equal(render('a <b>bold</b> word').textContent.trim(), 'a <b>bold</b> word'));
  it('turns an image into a link to it', () => assert.equal(render('![chart](https://a.test/c.png)').querySelector('a')?.getAttribute('href'), 'https://a.test/c.png'));
  it('takes handlers and styles out of markup that a library would give it', () => {
    const box = document.createElement('div');
    box.append(markdown.sanitize('<p onclick="x()" style="color:red" class="a">t<img src=x></p><a href="javascript:x()">l</a>'));
    assert.equal(box.innerHTML, '<p class="a">t</p><a>l</a>');
  });

  const codeOf = (element: HTMLElement): string[] => Array.from(element.querySelectorAll('.code-block code'), (code) => code.textContent);
  it('shows a code block that is still open as code', () => assert.deepEqual(codeOf(render('Look:\n```ts\nconst a')), ['const a']));
  it('keeps inner fences of a longer fence as text', () => assert.deepEqual(codeOf(render('````md\n```ts\n1\n```\n````')), ['```ts\n1\n```\n']));
  it('keeps inner fences of an open longer fence as text', () => assert.deepEqual(codeOf(render('````md\n```ts\n1\n```\n')), ['```ts\n1\n```\n']));
  it('has the buttons of a code block inside a list, too', () => assert.equal(render('1. a\n   ```js\n   b\n   ```').querySelectorAll('.toolbar [aria-label]').length, 4));
  it('colours code and changes none of it', () => {
    const element = render('```ts\nconst a = "<b>";\n```');
    assert.deepEqual(codeOf(element), ['const a = "<b>";\n']);
    assert.ok(element.querySelector('.hljs-keyword'));
  });
  it('leaves code of an unknown language plain', () => assert.deepEqual(codeOf(render('```zork\nsay "hi"\n```')), ['say "hi"\n']));

  it('hands the code of a block to its buttons as it is now', () => {
    const used: string[][] = [];
    const shown = view.markdownView((...call) => used.push(call));
    shown.update('```ts\nconst a');
    const copy = shown.element.querySelector<HTMLElement>('[aria-label="Copy code"]');
    shown.update('```ts\nconst a = 1;\n```');
    assert.equal(shown.element.querySelector('[aria-label="Copy code"]'), copy);
    copy?.click();
    assert.deepEqual(used, [['copy', 'const a = 1;', 'ts']]);
  });

  it('renders only what changed while an answer streams', () => {
    const shown = view.markdownView(() => undefined);
    shown.update('First.\n\nSecond is');
    const [first] = shown.element.children;
    shown.update('First.\n\nSecond is longer.');
    assert.equal(shown.element.children[0], first);
    assert.equal(shown.element.children[1]?.textContent.trim(), 'Second is longer.');
  });

  it('ends the same however an answer was streamed', () => {
    const text = '# T\n\nA *b* `c`\n\n- x\n- y\n\n```js\nlet a;\n```\n\n> q\n\n| a | b |\n|---|---|\n| 1 | 2 |\n';
    const streamed = view.markdownView(() => undefined);
    for (let end = 1; end <= text.length; end++) streamed.update(text.slice(0, end));
    assert.equal(streamed.element.innerHTML, render(text).innerHTML);
  });
});
