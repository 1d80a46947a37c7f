import { h } from '../dom.js';
import { type Block, fenceLanguage, sanitize, toBlocks } from '../markdown.js';
import { codeBlock, type CodeBlockView, type UseCode } from './codeBlock.js';

export interface MarkdownView {
  readonly element: HTMLElement;
  update(text: string): void;
}

interface MarkupView {
  readonly element: HTMLElement;
  readonly markup: string;
}

/** Rendered markdown that can grow: only the blocks that changed are rendered again. */
export function markdownView(useCode: UseCode): MarkdownView {
  const element = h('div', { class: 'markdown' });
  let views: (MarkupView | CodeBlockView)[] = [];
  let shown = '';

  const viewOf = (block: Block, old: MarkupView | CodeBlockView | undefined): MarkupView | CodeBlockView => {
    if (block.kind === 'code') {
      const view = old !== undefined && 'update' in old ? old : codeBlock(useCode);
      view.update(block.code, block.language);
      return view;
    }
    return old !== undefined && 'markup' in old && old.markup === block.markup ? old : markupView(block.markup, useCode);
  };

  return {
    element,
    update(text) {
      if (text === shown) return;
      shown = text;
      const next = toBlocks(text).map((block, index) => viewOf(block, views[index]));
      for (const [index, view] of next.entries()) {
        const present = element.childNodes[index];
        if (present === view.element) continue;
        if (present === undefined) element.append(view.element);
        else present.replaceWith(view.element);
      }
      while (element.childNodes.length > next.length) element.lastChild?.remove();
      views = next;
    },
  };
}

function markupView(markup: string, useCode: UseCode): MarkupView {
  const element = h('div', { class: 'block' });
  element.append(sanitize(markup));
  // Code blocks inside lists and quotes.
  for (const pre of element.querySelectorAll('pre')) {
    const view = codeBlock(useCode);
    const language = /language-(\S+)/.exec(pre.firstElementChild?.className ?? '')?.[1] ?? '';
    view.update(pre.textContent, fenceLanguage(language));
    pre.replaceWith(view.element);
  }
  return { element, markup };
}
