import DOMPurify from 'dompurify';
import MarkdownIt, { type Token } from 'markdown-it';
import { safeLink } from '../protocol.js';

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: false, typographer: false });
markdown.validateLink = (url) => safeLink(url) !== null;
// A model must not make the view fetch anything: an image becomes a link to it.
markdown.renderer.rules['image'] = (tokens, index) => {
  const token = tokens[index];
  const source = safeLink(String(token?.attrGet('src') ?? ''));
  const label = markdown.utils.escapeHtml(token?.content === undefined || token.content === '' ? (source ?? '') : token.content);
  return source === null ? label : `<a href="${markdown.utils.escapeHtml(source)}">${label}</a>`;
};

const allowedTags = [
  'a', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p', 'pre', 's', 'span', 'strong',
  'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul',
];

/** Markup as nodes, with everything taken out that is not plain formatting. */
export function sanitize(markup: string): DocumentFragment {
  return DOMPurify.sanitize(markup, {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: ['class', 'href', 'start'],
    ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
    RETURN_DOM_FRAGMENT: true,
  });
}

/** A part of a text that stands for itself: a paragraph, a list, a code block … */
export type Block =
  | { readonly kind: 'code'; readonly code: string; readonly language: string }
  /** Not sanitised yet. */
  | { readonly kind: 'markup'; readonly markup: string };

/** The language after a fence: its first word, of at most 64 characters. */
export function fenceLanguage(info: string): string {
  return /^[\w#+.-]{0,64}/.exec(info.trim())?.[0] ?? '';
}

/** Parses a text, whole or still streaming, into its blocks. */
export function toBlocks(text: string): Block[] {
  const env = {};
  const tokens = markdown.parse(text, env);
  const blocks: Block[] = [];
  let open: Token[] = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0 && (token.type === 'fence' || token.type === 'code_block')) {
      blocks.push({ kind: 'code', code: token.content, language: fenceLanguage(token.info) });
      continue;
    }
    depth += token.nesting;
    open.push(token);
    if (depth > 0) continue;
    blocks.push({ kind: 'markup', markup: markdown.renderer.render(open, markdown.options, env) });
    open = [];
  }
  return blocks;
}
