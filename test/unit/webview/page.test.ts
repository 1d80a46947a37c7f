import assert from 'node:assert/strict';
import { JSDOM } from 'jsdom';
import { webviewPage } from '../../../src/webview/host/html.js';
import { languageId } from '../../../src/webview/host/languageId.js';

const parts = { title: 'Seekpod', scriptUri: 'https://host/main.js', styleUri: 'https://host/main.css', cspSource: 'https://host', language: 'en', translations: undefined };

describe('the page of a view', () => {
  const policyOf = (html: string): string => new JSDOM(html).window.document.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '';

  it('allows nothing but its own script and style sheet', () => {
    const policy = policyOf(webviewPage(parts));
    assert.ok(policy.startsWith("default-src 'none';"));
    assert.ok(!policy.includes('unsafe'));
    assert.deepEqual(policy.split('; ').map((rule) => rule.split(' ')[0]), ['default-src', 'script-src', 'style-src', 'base-uri', 'form-action']);
  });

  it('has another nonce every time, and the script has it', () => {
    const [first, second] = [webviewPage(parts), webviewPage(parts)];
    assert.notEqual(policyOf(first), policyOf(second));
    const nonce = new JSDOM(first).window.document.querySelector('script[src]')?.getAttribute('nonce');
    assert.ok(policyOf(first).includes(`script-src 'nonce-${nonce}'`));
  });

  it('has a nonce for the style element of the toolkit that no script can use', () => {
    const html = webviewPage(parts);
    const nonce = new JSDOM(html).window.document.querySelector('meta[property="csp-nonce"]')?.getAttribute('content') ?? '';
    const [, scripts = '', styles = ''] = policyOf(html).split('; ');
    assert.ok(nonce !== '' && styles.includes(nonce) && !scripts.includes(nonce));
  });

  it('keeps a translation from ending its script tag', () => {
    const html = webviewPage({ ...parts, translations: { a: '</script><script>alert(1)</script>' } });
    const { document } = new JSDOM(html).window;
    assert.equal(document.querySelectorAll('script').length, 2);
    assert.deepEqual(JSON.parse(document.getElementById('translations')?.textContent ?? ''), { a: '</script><script>alert(1)</script>' });
  });
});

describe('languageId', () => {
  for (const [name, id] of [['ts', 'typescript'], ['TypeScript', 'typescript'], ['c++', 'cpp'], ['bash', 'shellscript'], ['nim', 'nim'], ['', '']] as const) {
    it(`of "${name}" is "${id}"`, () => assert.equal(languageId(name), id));
  }
});
