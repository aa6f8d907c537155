// Documents that people write (cases, seats, charters, replay files): YAML or JSON, parsed so that hostile ones
// cost little and every fault can be named with its line. The yaml library is guarded on two sides: deep block
// nesting would make it compile a pattern that ends the process, and aliases grow without bound, so nesting
// and tokens are counted beforehand and aliases and tags are refused (nobody needs them in these files).
import {
  CST,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type * as z from 'zod';
import { badInput, ConclaveError } from '../errors.ts';
import { deceptiveCharacter, lineAt, readTextFile } from './text-file.ts';

/** Texts beyond a page or two belong into files of their own. */
export const MAX_DOCUMENT_BYTES = 1024 * 1024;
const MAX_TOKENS = 60_000;
const MAX_NESTING = 32;
const MAX_INDENT = 64;
const MAX_REASON_CHARS = 300;

/** Names that mean something to a JavaScript object. */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export interface WrittenDocument {
  readonly file: string;
  readonly value: unknown;
  /** The line of the nearest thing there is on the way to `path`. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

export function readYamlFile(file: string): WrittenDocument {
  return parseYaml(readTextFile(file, MAX_DOCUMENT_BYTES), file);
}

export function readJsonFile(file: string): WrittenDocument {
  const text = readTextFile(file, MAX_DOCUMENT_BYTES);
  // YAML knows every JSON text, names its lines and notices doubled keys; JSON's own reader keeps the rest out.
  const document = parseYaml(text, file);
  try {
    JSON.parse(text);
  } catch (error) {
    const at = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    const line = at === undefined ? lineAt(text, text.length) : lineAt(text, Number(at));
    throw badInput('expected JSON', { file, line });
  }
  return document;
}

export function parseYaml(text: string, file: string): WrittenDocument {
  refuseBombs(text, file);
  const lines = new LineCounter();
  const fail = (reason: string, offset: number | undefined): ConclaveError =>
    badInput(short(reason), offset === undefined ? { file } : { file, line: lineAt(text, offset) });
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      uniqueKeys: false, // the library's way is quadratic; doubled keys are found below
      resolveKnownTags: false,
    });
    const trouble = document.errors[0] ?? document.warnings[0];
    if (trouble !== undefined) throw fail(`expected YAML: ${trouble.message}`, trouble.pos[0]);
    refuseTraps(document, fail);
    const root = document.contents;
    return {
      file,
      value: document.toJS({ maxAliasCount: 0 }),
      lineOf: (path) => {
        const offset = nearest(root, path)?.range?.[0];
        return offset === undefined ? undefined : lines.linePos(offset).line;
      },
    };
  } catch (error) {
    if (error instanceof ConclaveError) throw error;
    throw badInput('expected YAML that can be read', { file });
  }
}

/** The document as what it should be, or bad input that names the line of the first fault. */
export function conform<T>(document: WrittenDocument, schema: z.ZodType<T>, name: string): T {
  const result = schema.safeParse(document.value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A key that is misspelt is one that is missing as well, and only the first of the two says what to do.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const path = issue?.path ?? [];
  // An unknown key is reported at the object that holds it; the line of the key itself helps more.
  const [unknown] = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const line = document.lineOf(unknown === undefined ? path : [...path, unknown]);
  const where = path.length === 0 ? name : `${name}, ${path.map(String).join('.')}`;
  const reason = short(`${where}: ${issue?.message ?? 'malformed'}`);
  throw badInput(reason, line === undefined ? { file: document.file } : { file: document.file, line });
}

function refuseBombs(text: string, file: string): void {
  let tokens = 0;
  let flow = 0;
  let onLine = 0;
  let offset = 0;
  let lineStart = true;
  for (const token of new Lexer().lex(text)) {
    const kind = CST.tokenType(token);
    if (kind === 'newline') {
      onLine = 0;
    } else if (kind === 'flow-map-start' || kind === 'flow-seq-start') {
      flow++;
    } else if (kind === 'flow-map-end' || kind === 'flow-seq-end') {
      flow--;
    } else if (kind === 'seq-item-ind' || kind === 'explicit-key-ind' || kind === 'map-value-ind') {
      // Inside brackets it opens no level of its own: a whole JSON file may stand on one line.
      if (flow === 0) onLine++;
    }
    const indent = lineStart && kind === 'space' && flow === 0 ? token.length : 0;
    const nested = flow > MAX_NESTING || (flow === 0 && onLine > MAX_NESTING) || indent > MAX_INDENT;
    if (nested || ++tokens > MAX_TOKENS) {
      const reason = nested
        ? `expected at most ${MAX_NESTING} levels of nesting`
        : `expected a document of at most ${MAX_TOKENS} words and signs`;
      throw badInput(reason, { file, line: lineAt(text, offset) });
    }
    lineStart = kind === 'newline';
    // The marks of documents and scalars are the lexer's own and take no place in the text.
    if (token !== '\u0002' && token !== '\u001f' && token !== '\u0018') offset += token.length;
  }
}

function refuseTraps(
  document: ReturnType<typeof parseDocument>,
  fail: (reason: string, offset: number | undefined) => ConclaveError,
): void {
  const at = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
  visit(document, {
    Alias: (_, node) => {
      throw fail('expected no YAML aliases', at(node));
    },
    Node: (_, node) => {
      if (!isAlias(node) && node.tag !== undefined && node.tag.startsWith('!')) {
        throw fail('expected no YAML tags', at(node));
      }
    },
    Scalar: (_, node) => {
      const found = typeof node.value === 'string' ? deceptiveCharacter(node.value) : undefined;
      if (found !== undefined) {
        throw fail(`expected text without the control or invisible character ${found.name}`, at(node));
      }
    },
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : '';
        if (PROTOTYPE_KEYS.has(name)) throw fail(`expected no key "${name}"`, at(key));
        if (seen.has(name)) throw fail(`expected each key once, found "${name}" again`, at(key));
        seen.add(name);
      }
    },
  });
}

function nearest(root: unknown, path: readonly PropertyKey[]): Node | undefined {
  let node: unknown = root;
  let place: unknown = root;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined) break;
      place = pair.key;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      node = node.items[step];
      place = node;
    } else break;
  }
  return isNode(place) ? place : undefined;
}

function short(reason: string): string {
  const line = reason.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '?');
  return line.length <= MAX_REASON_CHARS ? line : `${line.slice(0, MAX_REASON_CHARS)}…`;
}
