import type { Tokens } from './inferenceBackend.js';

export interface HealedTokens {
  readonly kept: Tokens;
  /** What the generated text must begin with, to make up for the tokens that were taken away. */
  readonly startsWith: string;
}

/** Each token that is taken costs a decode step, so a long word is taken in part. */
const mostTaken = 4;
const wordEnd = /[\p{L}\p{M}\p{N}_$]$/u;
const wordStart = /^[\p{L}\p{M}\p{N}_$]/u;

/**
 * Takes the last word's tokens away, so that the model chooses them anew. The cursor may stand within what the model knows as
 * one token (`return ` and ` a`, `re` + `tu` and `return`): forced to go on after half a token it answers with what rarely follows.
 */
export function healTokens(tokens: Tokens, textOf: (tokens: Tokens, before: Tokens) => string): HealedTokens {
  let healed: HealedTokens = { kept: tokens, startsWith: '' };
  for (let taken = 1; taken <= Math.min(mostTaken, tokens.length); taken++) {
    const kept = tokens.slice(0, -taken);
    const startsWith = textOf(tokens.slice(-taken), kept.slice(-mostTaken));
    // Half a character is no text that an answer can begin with.
    if (startsWith === '' || startsWith.includes('\uFFFD')) continue;
    healed = { kept, startsWith };
    if (!wordStart.test(startsWith) || !wordEnd.test(textOf(kept.slice(-1), kept.slice(-mostTaken, -1)))) break;
  }
  return healed;
}

/** A grammar (GBNF) for any text that begins with the given one. */
export function beginningGrammar(startsWith: string): string {
  const characters = Array.from(startsWith, (character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`);
  return `root ::= "${characters.join('')}" .*`;
}
