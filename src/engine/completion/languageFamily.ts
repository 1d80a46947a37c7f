/** How a language shows where a block begins and ends. */
export type LanguageFamily =
  /** `{ … }` */
  | 'braces'
  /** `:` and indentation alone */
  | 'indentation'
  /** `do … end`, `then … fi` */
  | 'keywords'
  /** Text without blocks. */
  | 'prose';

const families: Readonly<Record<string, LanguageFamily>> = {
  python: 'indentation',
  yaml: 'indentation',
  dockercompose: 'indentation',
  coffeescript: 'indentation',
  jade: 'indentation',
  pug: 'indentation',
  haml: 'indentation',
  nim: 'indentation',
  gdscript: 'indentation',
  fsharp: 'indentation',
  haskell: 'indentation',
  makefile: 'indentation',
  ruby: 'keywords',
  lua: 'keywords',
  shellscript: 'keywords',
  elixir: 'keywords',
  julia: 'keywords',
  crystal: 'keywords',
  vb: 'keywords',
  pascal: 'keywords',
  markdown: 'prose',
  plaintext: 'prose',
  latex: 'prose',
  restructuredtext: 'prose',
  'git-commit': 'prose',
};

/** Braces for what is not known: most languages are like that. */
export function languageFamily(languageId: string): LanguageFamily {
  return families[languageId] ?? 'braces';
}
