// Reads a page strictly: every tag closed in its turn, every attribute quoted, no stray bracket. A page that a browser
// would have to guess about does not get through, so what a test finds in the tree is what a reader will see.

export interface Element {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (Element | string)[];
}

const VOID = new Set(['meta', 'br', 'link', 'img', 'input', 'hr', 'base']);
const TOKEN =
  /<!doctype html>|<\/([a-z][a-z0-9]*)>|<([a-z][a-zA-Z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9:-]*(?:="[^"<]*")?)*)\s*(\/?)>|([^<]+)/y;
const ATTRIBUTE = /([a-zA-Z][a-zA-Z0-9:-]*)(?:="([^"]*)")?/g;
const NAMED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
]);

export function readHtml(page: string): Element {
  const root: Element = { tag: 'root', attributes: new Map(), children: [] };
  const open: Element[] = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < page.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(page);
    const parent = open.at(-1);
    if (found === null || parent === undefined)
      throw new Error(`malformed at ${at}: ${page.slice(at, at + 80)}`);
    const [, closing, opening, attributes = '', empty, text] = found;
    if (text !== undefined) parent.children.push(plain(text));
    if (closing !== undefined) {
      if (parent.tag !== closing) throw new Error(`</${closing}> at ${at} closes <${parent.tag}>`);
      open.pop();
    }
    if (opening === undefined) continue;
    const element: Element = { tag: opening, attributes: attributesIn(attributes), children: [] };
    parent.children.push(element);
    if (opening === 'style') {
      const end = page.indexOf('</style>', TOKEN.lastIndex);
      element.children.push(page.slice(TOKEN.lastIndex, end));
      TOKEN.lastIndex = end + '</style>'.length;
    } else if (!VOID.has(opening) && empty !== '/') open.push(element);
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.tag}> is never closed`);
  return root;
}

/** All elements below, in the order of the page. */
export function* within(element: Element): Generator<Element> {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    yield child;
    yield* within(child);
  }
}

export function all(element: Element, tag: string, className?: string): Element[] {
  return [...within(element)].filter(
    (found) =>
      found.tag === tag &&
      (className === undefined || (found.attributes.get('class') ?? '').split(' ').includes(className)),
  );
}

export function byId(element: Element, id: string): Element {
  const found = [...within(element)].find(({ attributes }) => attributes.get('id') === id);
  if (found === undefined) throw new Error(`there is no #${id}`);
  return found;
}

/** What it says, on one line. */
export function textIn(element: Element): string {
  const pieces = element.children.map((child) => (typeof child === 'string' ? child : ` ${textIn(child)} `));
  return pieces.join('').replace(/\s+/g, ' ').trim();
}

function attributesIn(text: string): ReadonlyMap<string, string> {
  const found = [...text.matchAll(ATTRIBUTE)].map(
    ([, name = '', value = '']) => [name, plain(value)] as const,
  );
  const names = new Map(found);
  if (names.size !== found.length) throw new Error(`a doubled attribute: ${text}`);
  return names;
}

function plain(text: string): string {
  const bare = /&(?!(?:amp|lt|gt|quot|#\d+);)/.exec(text);
  if (bare !== null) throw new Error(`a bare ampersand: ${text.slice(bare.index, bare.index + 40)}`);
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) =>
    code === undefined ? (NAMED.get(name) ?? '') : String.fromCodePoint(Number(code)),
  );
}
