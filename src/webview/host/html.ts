import { randomBytes } from 'node:crypto';

export interface PageParts {
  readonly title: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  /** Of the webview: where its own files come from. */
  readonly cspSource: string;
  /** BCP 47. */
  readonly language: string;
  /** Translations for `@vscode/l10n`; none for English. */
  readonly translations: Readonly<Record<string, string>> | undefined;
}

const escapeAttribute = (text: string): string => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');

/**
 * The page of a view. It loads its own script and style sheet and nothing else: no images, no fonts, no connections.
 * The script tag of the translations holds data and is never run.
 */
export function webviewPage(parts: PageParts): string {
  const nonce = randomBytes(16).toString('base64');
  // The toolkit tries out with an empty style element whether the browser knows `:focus-visible`; its nonce is good for styles only.
  const styleNonce = randomBytes(16).toString('base64');
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${parts.cspSource} 'nonce-${styleNonce}'; base-uri 'none'; form-action 'none'`;
  const translations = JSON.stringify(parts.translations ?? {}).replace(/</g, '\\u003c');
  return `<!DOCTYPE html>
<html lang="${escapeAttribute(parts.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
<meta property="csp-nonce" content="${styleNonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escapeAttribute(parts.styleUri)}">
<title>${escapeAttribute(parts.title)}</title>
</head>
<body>
<div id="app"></div>
<script type="application/json" id="translations">${translations}</script>
<script nonce="${nonce}" src="${escapeAttribute(parts.scriptUri)}"></script>
</body>
</html>`;
}
