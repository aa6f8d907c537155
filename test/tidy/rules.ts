// The style of the house as code: each rule takes a file and says what is wrong with it, in words a person can
// act on. docs/architecture.md says why the folders may only look one way, and why some of them are pure.
import { posix } from 'node:path';
import { importsOf, partsOf, type SourceFile } from './source-text.ts';

export type Rule = (file: SourceFile) => string[];

/** Folders of src/ by layer, lowest first. A folder may import from itself and from any lower layer. */
export const LAYERS: readonly (readonly string[])[] = [
  ['errors.ts'],
  ['signing'],
  ['consensus'],
  ['council'],
  ['ledger'],
  ['providers'],
  ['seats'],
  ['storage', 'transport', 'jobs'],
  ['node'],
  ['simulation'],
  ['evals'],
  ['cli'],
];

export const PURE_FOLDERS: readonly string[] = ['signing', 'consensus', 'council', 'ledger'];

/** The files of a pure folder that may leave the language: the fast signature backends. */
export const NATIVE_FILES: readonly string[] = [
  'src/signing/ed25519-node.ts',
  'src/signing/ed25519-sodium.ts',
  'src/signing/bls-blst.ts',
];

/** Asks at run time for what is not there everywhere, and does without it: native, and portable all the same. */
const ASKING_FILES: readonly string[] = ['src/signing/sha256.ts'];

const PURE_PACKAGES = /^(?:@noble\/(?:curves|hashes|ciphers)(?:\/.*)?|canonicalize|zod)$/;

/** What reaches outside: the clock, chance, timers, the process, the network, the console, and Node's Buffer. */
const IMPURE: readonly RegExp[] = [
  /\bDate\.now\b/,
  /\bnew Date\(/,
  /\bMath\.random\b/,
  /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
  /\bprocess\./,
  /\bconsole\./,
  /\bfetch\(/,
  /\bperformance\./,
  /\bgetRandomValues\b/,
  /\brandomBytes\b/,
  /\bBuffer\b/,
  /\bglobalThis\b/,
];

const isTest = (path: string): boolean => path.startsWith('test/') || path.endsWith('.test.ts');
const folderOf = (path: string): string => path.split('/')[1] ?? '';
const isPure = ({ path }: SourceFile): boolean =>
  path.startsWith('src/') &&
  !isTest(path) &&
  PURE_FOLDERS.includes(folderOf(path)) &&
  !NATIVE_FILES.includes(path) &&
  !ASKING_FILES.includes(path);
const resolved = (path: string, from: string): string => posix.join(posix.dirname(path), from);
const layerOf = (path: string): number => LAYERS.findIndex((layer) => layer.includes(folderOf(path)));

export const importsGoOneWay: Rule = ({ path, text }) => {
  if (!path.startsWith('src/') || isTest(path)) return [];
  const own = layerOf(path);
  if (own < 0) return [`${path}: src/${folderOf(path)} has no place in the order of layers`];
  return importsOf(text)
    .filter(({ from }) => from.startsWith('.'))
    .flatMap(({ from }) => {
      const target = resolved(path, from);
      if (!target.startsWith('src/')) return [`${path}: imports ${from} from outside src/`];
      const allowed = folderOf(target) === folderOf(path) || (layerOf(target) >= 0 && layerOf(target) < own);
      return allowed ? [] : [`${path}: may not import ${target}, imports go one way`];
    });
};

export const pureFoldersStayPure: Rule = (file) => {
  if (!isPure(file)) return [];
  const { code } = partsOf(file.text);
  const reached = IMPURE.map((pattern) => pattern.exec(code)?.[0])
    .filter((found) => found !== undefined)
    .map((found) => `${file.path}: a pure folder may not touch ${found}`);
  const packages = importsOf(file.text)
    .filter(({ from }) => !from.startsWith('.') && !PURE_PACKAGES.test(from))
    .map(({ from }) => `${file.path}: a pure folder may not import ${from}`);
  return [...reached, ...packages];
};

/** Everything that runs when a file is imported must be portable: no node:*, no native backend. */
export function portableClosure(entry: string, read: (path: string) => string | undefined): string[] {
  const problems: string[] = [];
  const seen = new Set([entry]);
  for (const path of seen) {
    if (NATIVE_FILES.includes(path)) problems.push(`${entry}: pulls in ${path}, which is not portable`);
    const text = read(path);
    if (text === undefined) {
      problems.push(`${path}: imported but not there`);
      continue;
    }
    for (const { from, typeOnly } of importsOf(text)) {
      if (typeOnly) continue;
      if (from.startsWith('.')) seen.add(resolved(path, from));
      else if (!PURE_PACKAGES.test(from)) problems.push(`${entry}: pulls in ${from} by ${path}`);
    }
  }
  return problems;
}

const LINES_IN_SOURCE = 300;
const LINES_IN_TEST = 500;

export const filesStaySmall: Rule = ({ path, text }) => {
  const lines = text.split('\n').length - 1;
  const most = isTest(path) ? LINES_IN_TEST : LINES_IN_SOURCE;
  return lines > most ? [`${path}: ${lines} lines, at most ${most}`] : [];
};

const FILE_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/;
const FOLDER_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const EMPTY_NAMES = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'type',
  'types',
  'service',
  'services',
  'manager',
  'managers',
]);

export const namesComeFromTheDomain: Rule = ({ path }) => {
  const parts = path.split('/');
  const name = parts.at(-1) ?? '';
  const wellFormed = FILE_NAME.test(name) && parts.slice(0, -1).every((folder) => FOLDER_NAME.test(folder));
  const words = parts.flatMap((part) => part.replace(/(?:\.test)?\.ts$/, '').split('-'));
  return [
    ...(wellFormed ? [] : [`${path}: names are kebab-case`]),
    ...words
      .filter((word) => EMPTY_NAMES.has(word))
      .map((word) => `${path}: "${word}" says nothing about the domain`),
  ];
};

/** A unit test stands beside its subject, whose file says it all. */
export const filesOpenWithTheirPurpose: Rule = ({ path, text }) =>
  (path.startsWith('src/') && isTest(path)) || /^(?:#![^\n]*\n)?(?:\/\/ ?\S|\/\*)/.test(text)
    ? []
    : [`${path}: does not open with what it is and why it exists`];

const NOT_IN_CODE: readonly (readonly [RegExp, string])[] = [
  [/\bexport\s+default\b/, 'exports have names'],
  [/(?<![\w$.])any(?![\w$(]|\s*:)/, 'no `any`'],
  [/[\w)\]]!(?=[.;,)\]}[(\s]*(?:[.;,)\]}[(]|$))(?!=)/m, 'no `!`: prove it, or handle that it is not there'],
  [/\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:skip|only|todo)\b/, 'no test is skipped or singled out'],
  [/\b(?:enum|namespace)\s+[A-Z]/, 'no enums, no namespaces'],
];
const NOT_IN_COMMENTS = /\b(?:TODO|FIXME|XXX)\b|@ts-(?:ignore|expect-error|nocheck)|biome-ignore/;
/** vitest reads its configuration from a default export. */
const TOOL_CONFIGURATION = 'vitest.config.ts';

export const nothingIsLeftBehind: Rule = ({ path, text }) => {
  if (path === TOOL_CONFIGURATION) return [];
  const { code, comments } = partsOf(text);
  const mark = NOT_IN_COMMENTS.exec(comments)?.[0];
  return [
    ...NOT_IN_CODE.filter(([pattern]) => pattern.test(code)).map(([, why]) => `${path}: ${why}`),
    ...(mark === undefined ? [] : [`${path}: "${mark}" was left behind`]),
  ];
};

export const RULES: Readonly<Record<string, Rule>> = {
  'imports go one way': importsGoOneWay,
  'pure folders stay pure': pureFoldersStayPure,
  'files stay small': filesStaySmall,
  'names come from the domain': namesComeFromTheDomain,
  'files open with their purpose': filesOpenWithTheirPurpose,
  'nothing is left behind': nothingIsLeftBehind,
};
