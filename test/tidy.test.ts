// The style of the house, kept by a test (style.md: "the style is itself a test"). Every rule is first shown an
// offender, so that a rule which can no longer fail is noticed, and then held against every file of the project.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { portableClosure, RULES } from './tidy/rules.ts';
import { importsOf, partsOf, type SourceFile } from './tidy/source-text.ts';

const root = join(import.meta.dirname, '..');

const files: SourceFile[] = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const full = join(entry.parentPath, entry.name);
      return { path: relative(root, full).split(sep).join('/'), text: readFileSync(full, 'utf8') };
    }),
);
const textOf = new Map(files.map(({ path, text }) => [path, text]));

const lines = (count: number): string => `// why\n${'const a = 1;\n'.repeat(count - 1)}`;

/** Texts that each rule must refuse, and texts beside them that it must let pass. */
const trials: Record<string, { refuses: [string, string][]; passes: [string, string][] }> = {
  'imports go one way': {
    refuses: [
      ['src/signing/a.ts', "import { Block } from '../consensus/block.ts';"],
      ['src/council/a.ts', "import type { Tree } from '../ledger/merkle.ts';"],
      ['src/node/a.ts', "export { x } from '../cli/main.ts';"],
      ['src/storage/a.ts', "import { x } from '../transport/memory.ts';"],
      ['src/errors.ts', "import { x } from './signing/digest.ts';"],
      ['src/seats/a.ts', "const late = await import('../node/embedded.ts');"],
      ['src/cli/a.ts', "import { trial } from '../../test/trial.ts';"],
      ['src/newcomer/a.ts', 'export const a = 1;'],
    ],
    passes: [
      ['src/consensus/a.ts', "import { digestOf } from '../signing/digest.ts';\nimport { b } from './b.ts';"],
      ['src/signing/a.ts', "// import { Block } from '../consensus/block.ts';"],
      ['src/cli/bench/a.ts', "import { x } from '../chamber.ts';\nimport { y } from '../../errors.ts';"],
      ['src/signing/a.test.ts', "import { Block } from '../consensus/block.ts';"],
    ],
  },
  'pure folders stay pure': {
    refuses: [
      ...[
        'const now = Date.now();',
        'const now = new Date();',
        'const dice = Math.random();',
        'setTimeout(go, 1);',
        'setInterval(go, 1);',
        'setImmediate(go);',
        'queueMicrotask(go);',
        'process.exit(1);',
        "console.log('x');",
        "fetch('x');",
        'performance.now();',
        "const b = Buffer.from('x');",
        `const t = \`at ${'$'}{Date.now()}\`;`,
        "import { readFileSync } from 'node:fs';",
        "import type { Hash } from 'node:crypto';",
        "import { open } from 'lmdb';",
      ].map((text): [string, string] => ['src/ledger/a.ts', text]),
      ['src/signing/other-node.ts', "import { sign } from 'node:crypto';"],
      ['src/signing/other.ts', "globalThis.process?.getBuiltinModule?.('node:crypto');"],
    ],
    passes: [
      ['src/ledger/a.ts', "// not Date.now()\nconst said = 'Math.random()';\nconst p = /process\\./;"],
      ['src/signing/ed25519-node.ts', "import { sign } from 'node:crypto';"],
      ['src/signing/sha256.ts', "globalThis.process?.getBuiltinModule?.('node:crypto');"],
      ['src/ledger/a.test.ts', "import { readFileSync } from 'node:fs';\nconst dice = Math.random();"],
      ['src/node/a.ts', 'const now = Date.now();'],
      ['src/signing/a.ts', "import { sha256 } from '@noble/hashes/sha2.js';\nimport * as z from 'zod';"],
    ],
  },
  'files stay small': {
    refuses: [
      ['src/cli/a.ts', lines(301)],
      ['src/cli/a.test.ts', lines(501)],
      ['test/a.test.ts', lines(501)],
    ],
    passes: [
      ['src/cli/a.ts', lines(300)],
      ['src/cli/a.test.ts', lines(500)],
    ],
  },
  'names come from the domain': {
    refuses: [
      ['src/cli/caseFile.ts', ''],
      ['src/cli/Case.ts', ''],
      ['src/cli/case_file.ts', ''],
      ['src/Council/case.ts', ''],
      ['src/council/case-utils.ts', ''],
      ['src/helpers/case.ts', ''],
      ['src/node/types.ts', ''],
      ['src/node/seat-manager.ts', ''],
    ],
    passes: [
      ['src/council/case.ts', ''],
      ['src/signing/ed25519-node.test.ts', ''],
    ],
  },
  'files open with their purpose': {
    refuses: [
      ['src/cli/a.ts', "import { b } from './b.ts';\n// late"],
      ['src/cli/a.ts', '//\nexport const a = 1;'],
    ],
    passes: [
      ['src/cli/a.ts', '// What it is.\n'],
      ['src/cli/main.ts', '#!/usr/bin/env node\n// What it is.\n'],
      ['src/cli/a.ts', '/** What it is. */\n'],
      ['src/cli/a.test.ts', "import { b } from './b.ts';"],
    ],
  },
  'nothing is left behind': {
    refuses: [
      'export default 1;',
      'const a: any = 1;',
      'const a = b as any;',
      'const a: Map<string, any> = b;',
      'const a = b!.c;',
      'const a = list[0]!;',
      'call(b!, 1);',
      "it.skip('x', () => {});",
      "describe.only('x', () => {});",
      "test.todo('x');",
      '// TODO: later',
      '/* FIXME */',
      '// @ts-ignore',
      'enum Colour { Red }',
    ].map((text): [string, string] => ['src/cli/a.ts', text]),
    passes: [
      "const said = 'any TODO!'; // any of these! is fine",
      'const a = !b && c !== d;',
      'if (!list[0]) throw a;',
      "it.skipIf(missing)('x', () => {});",
      'const any1 = many(company);',
    ].map((text): [string, string] => ['src/cli/a.ts', text]),
  },
};

describe.each(Object.entries(RULES))('%s', (name, rule) => {
  const trial = trials[name] ?? { refuses: [], passes: [] };

  it('the rule can fail: it refuses every offender', () => {
    expect(trial.refuses.length).toBeGreaterThan(0);
    const missed = trial.refuses.filter(([path, text]) => rule({ path, text }).length === 0);
    expect(missed).toEqual([]);
  });

  it('the rule lets what is in order pass', () => {
    expect(trial.passes.flatMap(([path, text]) => rule({ path, text }))).toEqual([]);
  });

  it('every file of the project keeps it', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => rule(file))).toEqual([]);
  });
});

describe('the verifier is portable', () => {
  const closure = (sources: Record<string, string>): string[] =>
    portableClosure('src/ledger/verifier.ts', (path) => sources[path]);

  it('node:* or a native backend anywhere behind it is found', () => {
    const behind = { 'src/ledger/verifier.ts': "import { a } from './a.ts';" };
    expect(closure({ ...behind, 'src/ledger/a.ts': "import { open } from 'node:fs';" })).toHaveLength(1);
    expect(closure({ ...behind, 'src/ledger/a.ts': "import { open } from 'lmdb';" })).toHaveLength(1);
    expect(
      closure({ ...behind, 'src/ledger/a.ts': "const b = await import('../signing/bls-blst.ts');" }),
    ).toHaveLength(2);
    expect(
      closure({ ...behind, 'src/ledger/a.ts': "export * from '../signing/ed25519-node.ts';" }),
    ).toHaveLength(2);
  });

  it('types and noble may stand behind it', () => {
    const a = "import type { X } from 'node:fs';\nimport { sha256 } from '@noble/hashes/sha2.js';";
    expect(
      closure({ 'src/ledger/verifier.ts': "import { a } from './a.ts';", 'src/ledger/a.ts': a }),
    ).toEqual([]);
  });

  it('nothing that runs behind src/ledger/verifier.ts needs Node', () => {
    expect(portableClosure('src/ledger/verifier.ts', (path) => textOf.get(path))).toEqual([]);
  });
});

describe('the reader of sources', () => {
  it('tells code from comments, strings, templates and patterns', () => {
    const hole = '$';
    const text = `a; // b\nconst c = 'd'; /* e */ const f = \`g ${hole}{h(\`i ${hole}{j}\`)} k\`; const l = /m'/; const n = 4 / 2;`;
    const { code, comments } = partsOf(text);
    const left = `a; const c = ; const f = \` ${hole}{h(\` ${hole}{j}\`)} \`; const l = ; const n = 4 / 2;`;
    expect(code.replace(/\s+/g, ' ')).toBe(left);
    expect(comments.split(/\s+/).filter((word) => word !== '')).toEqual(['//', 'b', '/*', 'e', '*/']);
    expect(code).toHaveLength(text.length);
  });

  it('finds every form of import', () => {
    const text = [
      "import a from './a.ts';",
      "import type { B } from './b.ts';",
      "import {\n  c,\n  type D,\n} from './c.ts';",
      "import './e.ts';",
      "export * from './f.ts';",
      "const g = await import('./g.ts');",
      "// import h from './h.ts';",
      'const i = "import j from \'./j.ts\'";',
    ].join('\n');
    expect(importsOf(text).map(({ from }) => from)).toEqual([
      './a.ts',
      './b.ts',
      './c.ts',
      './e.ts',
      './f.ts',
      './g.ts',
    ]);
    expect(importsOf(text).filter(({ typeOnly }) => typeOnly)).toHaveLength(1);
  });
});
