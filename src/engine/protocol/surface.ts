/** Where a text is read: in VS Code or in a terminal. What can be done next has other names in each. */
export type Surface = 'editor' | 'terminal';
