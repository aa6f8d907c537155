// Files no honest person would hand us, by name: what must be refused with file, line and reason.

/** A case that is in order; every hostile one is this, spoilt in one way. */
export const CASE_LINES: readonly string[] = [
  'type: certification',
  'subject: urn:example:triage',
  'title: Triage assistant',
  'fields:',
  '  system: Triage assistant',
  '  version: "1.0"',
  '  applicant: Example Clinic',
  '  purpose: Sorts patients by urgency.',
  '  deployment: One clinic.',
  '  level: basic',
  'evidence:',
  '  - id: plan',
  '    title: Plan',
  '    text: A person decides.',
];

const good = CASE_LINES.join('\n');
const withLine = (number: number, line: string): string => CASE_LINES.with(number - 1, line).join('\n');
const MEGABYTE = 1024 * 1024;

const bomb = (): string => {
  const levels = Array.from({ length: 30 }, (_, i) => {
    const below = i === 0 ? 'x' : `*l${i - 1}`;
    return `l${i}: &l${i} [${Array(10).fill(below).join(', ')}]`;
  });
  return `${levels.join('\n')}\n${good}`;
};

/** What is wrong, the text of case.yaml, and whether a line can be named. */
export const HOSTILE_CASES: readonly (readonly [string, string | Uint8Array, boolean])[] = [
  ['nothing', '', false],
  ['a truncated document', good.slice(0, 150), true],
  ['an unclosed quote', withLine(6, '  version: "1.0'), true],
  ['no YAML at all', '\u007fELF\u0001\u0002', true],
  ['bytes that are not UTF-8', Uint8Array.from([...Buffer.from(`${good}\n`), 0xc3, 0x28]), true],
  ['an unknown field', `${good}\nextra: 1`, true],
  ['a missing field', CASE_LINES.filter((line) => !line.includes('applicant')).join('\n'), true],
  ['an unknown type', withLine(1, 'type: coronation'), true],
  ['a number where text belongs', withLine(5, '  system: 7'), true],
  ['a doubled key', `${good}\ntitle: Another`, true],
  ['a doubled evidence id', `${good}\n  - id: plan\n    title: Again\n    text: Again.`, true],
  ['a key called __proto__', `${good}\n__proto__: {admin: true}`, true],
  ['a key called constructor', `${good}\nconstructor: {prototype: {admin: true}}`, true],
  ['a YAML bomb', bomb(), true],
  ['a custom tag', withLine(5, '  system: !!js/function "x"'), true],
  ['nesting a thousand deep', withLine(5, `  system: ${'['.repeat(1000)}${']'.repeat(1000)}`), true],
  [
    'block nesting a thousand deep',
    Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    true,
  ],
  ['a field of 10 MB', withLine(8, `  purpose: ${'x'.repeat(10 * MEGABYTE)}`), false],
  ['a field of 5,000 characters', withLine(8, `  purpose: ${'x'.repeat(5_000)}`), true],
  [
    '100,000 items of evidence',
    `${CASE_LINES.slice(0, 11).join('\n')}\n${Array.from({ length: 100_000 }, (_, i) => `  - {id: e${i}}`).join('\n')}`,
    false,
  ],
  ['a title that reads backwards', withLine(3, 'title: Tri\u202eega'), true],
  ['a title that clears the screen', withLine(3, 'title: "Tri\\e[2Jage"'), true],
  ['evidence above its folder', withLine(14, '    file: ../../../etc/passwd'), true],
  ['evidence at an absolute path', withLine(14, '    file: /etc/passwd'), true],
  ['evidence that is not there', withLine(14, '    file: nowhere.md'), true],
  ['evidence that is a directory', withLine(14, '    file: .'), true],
  ['evidence both told and filed', `${good}\n    file: plan.md`, true],
];
