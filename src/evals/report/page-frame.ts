// A page that needs nothing else: no script, no font, no picture from elsewhere, and a policy in its head that forbids the
// browser to fetch any, whatever may have got into it.
import { type Content, Html, html } from './html.ts';

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export interface FramedPage {
  readonly title: Content;
  /** our own words; the only text that is not escaped */
  readonly stylesheet: string;
  readonly body: Content;
}

/** What stands below the line that opens the page and says what kind it is. */
export function framed({ title, stylesheet, body }: FramedPage): string {
  const style = Html.of([`<style>\n${stylesheet}\n</style>`], []);
  return html`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="conclave">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${style}
</head>
<body>
<div class="sheet">
${body}
</div>
</body>
</html>
`.markup;
}
