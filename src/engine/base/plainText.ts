/** Control characters but for tab and line feed, and what turns the writing direction. */
const commands = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** A text that may come from elsewhere, without what would move a terminal's cursor or make it look like another text. */
export function plainText(text: string): string {
  return text.replaceAll(commands, (character) => (character === '\n' || character === '\t' ? character : ' '));
}

/** The same in one line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/[\n\t\p{Zl}\p{Zp}]/gu, ' ');
}
