/** Moves the focus among items with the arrow keys, Home and End; Tab enters and leaves the group as one. */
export function roving(group: HTMLElement, items: () => readonly HTMLElement[], keys: { readonly back: string; readonly on: string }): void {
  const mark = (current: HTMLElement | undefined): void => {
    for (const item of items()) item.tabIndex = item === current ? 0 : -1;
  };
  group.addEventListener('focusin', (event) => {
    const item = items().find((candidate) => candidate === event.target || (event.target instanceof Node && candidate.contains(event.target)));
    if (item !== undefined) mark(item);
  });
  group.addEventListener('keydown', (event) => {
    const all = items();
    const at = all.findIndex((item) => item === event.target || (event.target instanceof Node && item.contains(event.target)));
    if (at < 0 || event.target instanceof HTMLInputElement) return;
    const next = nextIndex(event.key, at, all.length, keys);
    if (next === undefined) return;
    event.preventDefault();
    mark(all[next]);
    all[next]?.focus();
  });
  mark(items()[0]);
}

function nextIndex(key: string, at: number, count: number, keys: { readonly back: string; readonly on: string }): number | undefined {
  if (key === keys.back) return (at + count - 1) % count;
  if (key === keys.on) return (at + 1) % count;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return undefined;
}
