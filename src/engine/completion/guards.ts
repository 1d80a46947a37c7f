import { type CompletionSettings, languageEnabled } from './completionSettings.js';
import type { DocumentSnapshot } from './snapshot.js';

/** More than this many characters right of the cursor (spaces at the end apart) and a suggestion would be in the way. */
const maxCharactersRight = 8;
/** A longer line is data or minified code. */
const maxLineCharacters = 2_000;

export type GuardReason =
  /** Turned off by the setting. */
  | 'off'
  | 'languageOff'
  /** The setting leaves only the manual trigger. */
  | 'manualOnly'
  | 'textRightOfCursor'
  | 'emptyDocument'
  | 'lineTooLong'
  /** The last request failed moments ago; the manual trigger tries at once. */
  | 'pausedAfterFailure';

/** Why there is to be no completion here, or `null` if there may be one. Cheap: looks at the cursor's line only. */
export function guard(snapshot: DocumentSnapshot, settings: CompletionSettings): GuardReason | null {
  if (!settings.enabled) return 'off';
  if (!languageEnabled(settings.languages, snapshot.languageId)) return 'languageOff';
  if (!settings.automatic && snapshot.trigger === 'automatic') return 'manualOnly';
  if (snapshot.lineSuffix.trimEnd().length > maxCharactersRight) return 'textRightOfCursor';
  if (snapshot.linePrefix.length > maxLineCharacters) return 'lineTooLong';
  if (isEmpty(snapshot)) return 'emptyDocument';
  return null;
}

function isEmpty({ prefix, linePrefix, lineSuffix, below }: DocumentSnapshot): boolean {
  const blank = (text: string): boolean => !/\S/.test(text);
  return blank(linePrefix) && blank(lineSuffix) && blank(prefix) && blank(below);
}
