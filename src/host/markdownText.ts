/** Text of files, settings and other machines as it stands in markdown: nothing in it is a link, a picture or an icon. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&$]/g, String.raw`\$&`);
}
