/** Drawn on 16 by 16, in the text's colour. */
const paths = {
  add: 'M8 3v10M3 8h10',
  attach: 'M11.5 6.5 7 11a1.8 1.8 0 0 1-2.5-2.5L9.6 3.4a2.8 2.8 0 0 1 4 4L8.4 12.6a4 4 0 0 1-5.6-5.6L7 2.8',
  check: 'm3.5 8.5 3 3 6-7',
  chevron: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  close: 'm4 4 8 8M12 4l-8 8',
  copy: 'M6 5.5h6.5v8H6zM9.8 5.5v-3H3.5v8H6',
  down: 'M8 3v9.5M4 8.8l4 4 4-4',
  edit: 'M3 13l.7-3L10.8 3l2.2 2.2L6 12.3zM9.5 4.3l2.2 2.2',
  export: 'M8 10V2.5M5 5.2l3-3 3 3M3 9v4.5h10V9',
  file: 'M4 2.5h5l3 3v8H4zM9 2.5v3h3',
  insert: 'M3 3h10M3 13h10M8 5.2v5.6M5.6 8.6 8 11l2.4-2.4',
  apply: 'M3 4h6M3 8h4M3 12h3M8.5 11l2 2 3.5-4.5',
  newFile: 'M9 13.5H4v-11h5l3 3V8M9 2.5v3h3M12 10v4M10 12h4',
  regenerate: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.5',
  search: 'M7 11.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9zM10.3 10.3l3.2 3.2',
  selection: 'M3 4h10M3 7h10M3 10h6M3 13h6',
  send: 'M8 13V3.5M4 7.5l4-4 4 4',
  stop: 'M4.5 4.5h7v7h-7z',
  trash: 'M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4',
  warning: 'M8 2.5 14 13H2zM8 6.5v3M8 11v.6',
  info: 'M8 14A6 6 0 1 1 8 2a6 6 0 0 1 0 12zM8 7.3v3.4M8 5v.6',
  chat: 'M2.5 3.5h11v8h-6L4.5 14v-2.500h-2z',
} as const;

export type IconName = keyof typeof paths;

const namespace = 'http://www.w3.org/2000/svg';

/** An icon that says nothing to a screen reader; its button has the label. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', name === 'stop' ? 'icon filled' : 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}
