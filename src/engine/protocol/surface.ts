/** Where a text is read: in VS Code or in a terminal. What can be done next has other names in each. */
export type Surface = 'editor' | 'terminal';

/** Chooses between words for VS Code and words for a terminal, by where they are read. */
export function wordsFor(surface: Surface): (editor: string, terminal: string) => string {
  return (editor, terminal) => (surface === 'editor' ? editor : terminal);
}
