/** Names after a fence that differ from VS Code's language ids. */
const aliases: Readonly<Record<string, string>> = {
  ts: 'typescript',
  tsx: 'typescriptreact',
  js: 'javascript',
  jsx: 'javascriptreact',
  mjs: 'javascript',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  sh: 'shellscript',
  bash: 'shellscript',
  shell: 'shellscript',
  zsh: 'shellscript',
  ps1: 'powershell',
  'c++': 'cpp',
  cc: 'cpp',
  cs: 'csharp',
  'c#': 'csharp',
  golang: 'go',
  kt: 'kotlin',
  md: 'markdown',
  yml: 'yaml',
  text: 'plaintext',
  txt: 'plaintext',
  docker: 'dockerfile',
};

/** VS Code's language id for the name that a model wrote after a fence; may be unknown to VS Code. */
export function languageId(name: string): string {
  const lower = name.trim().toLowerCase();
  return aliases[lower] ?? lower;
}
