// `conclave case check|schema`: a case and its evidence held against the rules before anyone pays for judging it,
// and the schema of case files for whoever writes them.
import { dirname, resolve } from 'node:path';
import { caseFileJsonSchema } from '../council/case-file.ts';
import { badInput } from '../errors.ts';
import { loadAgents } from '../seats/agents.ts';
import { loadCase } from '../seats/case-folder.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { agentsFolder } from './folders.ts';
import { counted, plural, visible } from './layout.ts';
import type { Terminal } from './terminal.ts';

export async function checkCase(
  file: string,
  options: { readonly agents?: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const path = resolve(file);
  const { source } = await loadCase(path);
  const agents = agentsFolder(options.agents);
  const policy = loadAgents(agents).charter.policies[source.type];
  if (policy === undefined) {
    throw badInput(`the charter in ${agents} has no policy for a case of type ${source.type}`, {
      file: path,
    });
  }
  const mandatory = policy.criteria.filter((criterion) => criterion.mandatory).length;
  const chars = source.evidence.reduce((sum, { text }) => sum + text.length, 0);
  const { colors } = terminal;
  terminal.say(
    `${colors.green('✓')} ${visible(source.title)}`,
    `  ${source.type} of ${visible(source.subject)}`,
    `  ${plural(source.evidence.length, 'item')} of evidence, ${counted(chars)} characters`,
    `  judged by ${plural(policy.criteria.length, 'criterion', 'criteria')}, ${mandatory} of which must be met`,
  );
  terminal.result({
    ok: true,
    case: path,
    folder: dirname(path),
    type: source.type,
    subject: source.subject,
    title: source.title,
    evidence: source.evidence.map(({ id, title, text }) => ({ id, title, characters: text.length })),
    criteria: policy.criteria.map(({ id, title, mandatory: must }) => ({ id, title, mandatory: must })),
  });
  return EXIT.yes;
}

/** The schema is the output, for people and programs alike. */
export async function caseSchema(terminal: Terminal): Promise<ExitCode> {
  const schema = caseFileJsonSchema();
  if (terminal.json) terminal.result({ schema });
  else terminal.say(JSON.stringify(schema, null, 2));
  return EXIT.yes;
}
