/**
 * Text for a message of VS Code, which makes links of `[words](command:…)`. Names of other machines and reasons
 * from elsewhere stand in such texts: none of them may become something to click.
 */
export function notificationText(text: string): string {
  return text.replaceAll('](', '] (');
}
