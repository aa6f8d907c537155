// Mends JSON that a model spelled badly, where nobody could read it in two ways: a comma before a closing bracket,
// comments, line ends inside strings, invisible blanks between signs. Quotes, braces and words are never made up, so
// what was cut off stays cut off.

/** An answer is four levels deep; what is much deeper only wants to exhaust whoever reads it. */
const MAX_NESTING = 32;

/** A comment that names a finding or holds JSON may be what was meant: that leaves doubt. */
const DOUBTFUL_COMMENT = /\bmet\b|\bunmet\b|insufficient|unknown|unclear|["{}[\]]/i;

const BLANK = /[\s\u00a0\u200b-\u200d\u2060\ufeff]/;

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

export function tooDeep(json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      if (++depth > MAX_NESTING) return true;
    } else if (char === '}' || char === ']') depth--;
  }
  return false;
}

/** Undefined where mending would leave doubt. The result need not be JSON: it is parsed by who asked for it. */
export function mended(json: string): string | undefined {
  const out: string[] = [];
  let comma = -1; // in `out`, of the last sign if that is a comma
  for (let at = 0; at < json.length; ) {
    const char = json.charAt(at);
    if (char === '"') {
      const end = endOfString(json, at);
      out.push(json.slice(at, end).replace(/[\n\r\t]/g, (sign) => ESCAPES[sign] ?? sign));
      comma = -1;
      at = end;
    } else if (char === '/') {
      const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
      comment.lastIndex = at;
      const [found] = comment.exec(json) ?? [];
      if (found === undefined || DOUBTFUL_COMMENT.test(found)) return undefined;
      at += found.length;
    } else if (BLANK.test(char)) {
      out.push(' ');
      at++;
    } else {
      if ((char === '}' || char === ']') && comma >= 0) out[comma] = '';
      comma = char === ',' ? out.length : -1;
      out.push(char);
      at++;
    }
  }
  return out.join('');
}

function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === '\\') at++;
    else if (json[at] === '"') return at + 1;
  }
  return json.length;
}
