// Reads TypeScript as text, closely enough to tell code from comments and strings. The tidy rules need no more,
// and a compiler in their place would be a second source of truth about what the sources mean.

export interface SourceFile {
  /** relative to the project root, with forward slashes */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** erased by the compiler, so it pulls nothing in when the code runs */
  readonly typeOnly: boolean;
}

interface Parts {
  /** code with the contents of comments, strings, templates and patterns blanked out; newlines kept */
  readonly code: string;
  /** code and strings, with comments blanked out */
  readonly codeAndStrings: string;
  readonly comments: string;
}

const BLANK = /[^\n]/g;
const PATTERN_MAY_FOLLOW = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\breturn|\btypeof|\bcase|\bof|\bin)\s*$/;

/** Walks the text once. Templates keep the code inside `${}`. */
export function partsOf(text: string): Parts {
  let code = '';
  let codeAndStrings = '';
  let comments = '';
  const take = (piece: string, kind: 'code' | 'string' | 'comment'): void => {
    const blank = piece.replace(BLANK, ' ');
    code += kind === 'code' ? piece : blank;
    codeAndStrings += kind === 'comment' ? blank : piece;
    comments += kind === 'comment' ? piece : blank;
  };
  const braces: ('code' | 'template')[] = [];
  let at = 0;
  const template = (): void => {
    const start = at;
    while (at < text.length && text[at] !== '`' && !text.startsWith('${', at))
      at += text[at] === '\\' ? 2 : 1;
    take(text.slice(start, at), 'string');
    if (text[at] === '`') {
      take('`', 'code');
      at += 1;
    } else if (at < text.length) {
      take('${', 'code');
      at += 2;
      braces.push('template');
    }
  };
  while (at < text.length) {
    const rest = (pattern: RegExp): string => {
      pattern.lastIndex = at;
      return pattern.exec(text)?.[0] ?? '';
    };
    const comment = rest(/\/\/[^\n]*|\/\*[\s\S]*?\*\//y);
    const quoted = comment === '' ? rest(/'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y) : '';
    const pattern =
      comment === '' && text[at] === '/' && PATTERN_MAY_FOLLOW.test(code.slice(-20))
        ? rest(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y)
        : '';
    const char = text[at] ?? '';
    if (comment !== '') {
      take(comment, 'comment');
      at += comment.length;
    } else if (quoted !== '' || pattern !== '') {
      take(quoted + pattern, 'string');
      at += quoted.length + pattern.length;
    } else if (char === '`') {
      take(char, 'code');
      at += 1;
      template();
    } else {
      take(char, 'code');
      at += 1;
      if (char === '{') braces.push('code');
      if (char === '}' && braces.pop() === 'template') template();
    }
  }
  return { code, codeAndStrings, comments };
}

const STATIC_IMPORT = /^[ \t]*(?:import|export)\s+(type\s+)?(?:[\w$*\s{},]*?\bfrom\s*)?(['"])([^'"\n]+)\2/gm;
const DYNAMIC_IMPORT = /\bimport\s*\(\s*(['"`])([^'"`\n]+)\1/g;

/** Every module a file names, written at its top or imported while it runs. */
export function importsOf(text: string): Import[] {
  const source = partsOf(text).codeAndStrings;
  const found: Import[] = [];
  for (const match of source.matchAll(STATIC_IMPORT)) {
    found.push({ from: match[3] ?? '', typeOnly: match[1] !== undefined });
  }
  for (const match of source.matchAll(DYNAMIC_IMPORT)) found.push({ from: match[2] ?? '', typeOnly: false });
  return found;
}
