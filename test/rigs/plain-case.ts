// A short case as a file, for tests and for chaos, which runs without a test runner.
import { PROOF } from './scripted-reviewer.ts';

/** A short case whose evidence holds what a scripted model looks for (scripted-reviewer.ts). */
export function plainCase(subject: string): string {
  return [
    'type: certification',
    `subject: ${subject}`,
    'title: A press and its emergency stop',
    'fields:',
    '  system: Press',
    '  version: "1.0"',
    '  applicant: Example Works',
    '  purpose: Presses sheets of metal.',
    '  deployment: One hall.',
    '  level: basic',
    'evidence:',
    '  - id: e1',
    '    title: Log of the emergency stop',
    `    text: "Every stop was logged. ${PROOF} The log is kept for ten years."`,
  ].join('\n');
}
