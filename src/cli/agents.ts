// `conclave agents list|check`: who sits, and what would be lost together. A seat file says which model judges; a
// developer, a family of models or a host that several seats share is one fault (protocol 1.5, 6.2).
import { domainReport, type FaultDomain, type Loss } from '../council/fault-domains.ts';
import { LENSES } from '../providers/contract.ts';
import { loadAgents } from '../seats/agents.ts';
import type { SeatFile } from '../seats/seat-file.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { agentsFolder } from './folders.ts';
import { clip, padEnd, padStart, plural, visible } from './layout.ts';
import type { Terminal } from './terminal.ts';

/** Which node hosts a seat is for the running council to say; a seat file does not know it. */
const JUDGED_KINDS = ['developer', 'family', 'host'] as const;

export async function agents(
  command: 'list' | 'check',
  folder: string | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = agentsFolder(folder);
  const { seats } = loadAgents(path);
  return command === 'list' ? list(path, seats, terminal) : check(path, seats, terminal);
}

function list(folder: string, seats: readonly SeatFile[], terminal: Terminal): ExitCode {
  const { colors } = terminal;
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => padEnd(clip(visible(cell), COLUMNS[i] ?? 10), COLUMNS[i] ?? 10))
      .join(' ')
      .trimEnd();
  terminal.say(
    colors.dim(row(['', 'seat', 'lens', 'strictness', 'developer', 'model'])),
    ...seats.map(({ seat, name, lens, strictness, developer, model }) =>
      row([String(seat).padStart(2, '0'), name, lens, strictness, developer, model]),
    ),
  );
  terminal.result({
    agents: folder,
    seats: seats.map(
      ({ seat, name, lens, stance, strictness, provider, model, developer, family, host }) => ({
        seat,
        name,
        lens,
        stance,
        strictness,
        provider,
        model,
        developer,
        family,
        host,
      }),
    ),
  });
  return EXIT.yes;
}

const COLUMNS: readonly number[] = [3, 15, 13, 10, 12, 22];

function check(folder: string, seats: readonly SeatFile[], terminal: Terminal): ExitCode {
  const report = domainReport({ seats: seats.map((seat) => ({ ...seat, node: `node of ${seat.seat}` })) });
  const domains = report.domains.filter(({ kind }) => kind !== 'node');
  const lenses = LENSES.map((lens) => {
    const members = seats.filter((seat) => seat.lens === lens);
    const developers = new Set(members.map(({ developer }) => developer)).size;
    return { lens, seats: members.map(({ seat }) => seat), developers };
  });
  const uncovered = lenses.filter((lens) => lens.seats.length === 0);
  const ok = !domains.some(({ broken }) => broken);

  const { colors } = terminal;
  terminal.say(
    '',
    `  ${plural(seats.length, 'seat')}; no developer, family or host may hold more than ${report.cap}`,
    '',
  );
  for (const kind of JUDGED_KINDS) {
    terminal.say(colors.bold(`  ${kind}`));
    for (const domain of domains.filter((each) => each.kind === kind)) {
      terminal.say(domainRow(domain, report.cap, seats.length, terminal));
    }
    terminal.say('');
  }
  terminal.say(
    colors.bold('  if they fall together'),
    ...[report.worstOne, report.worstTwo].flatMap((loss) => lossRows(loss, terminal)),
    '',
  );
  terminal.say(
    colors.bold('  lenses'),
    ...lenses.map(
      ({ lens, seats: members, developers }) =>
        `  ${padEnd(lens, 16)} ${padStart(plural(members.length, 'seat'), 8)} of ${plural(developers, 'developer')}`,
    ),
    '',
  );
  if (uncovered.length > 0)
    terminal.say(colors.yellow(`  nobody judges from: ${uncovered.map(({ lens }) => lens).join(', ')}`));
  terminal.say(
    ok
      ? `  ${colors.green('✓')} every cap is kept`
      : `  ${colors.red('✗')} a cap is broken: such a roster is refused`,
    '',
  );
  terminal.result({
    ok,
    agents: folder,
    seats: seats.length,
    cap: report.cap,
    domains,
    broken: domains.filter(({ broken }) => broken),
    worstOne: report.worstOne,
    worstTwo: report.worstTwo,
    lenses,
  });
  return ok ? EXIT.yes : EXIT.no;
}

function domainRow(
  { name, seats, broken }: FaultDomain,
  cap: number,
  n: number,
  { colors }: Terminal,
): string {
  const bar = `${'■'.repeat(Math.min(seats.length, cap))}${colors.red('■'.repeat(Math.max(0, seats.length - cap)))}`;
  const room = '·'.repeat(Math.max(0, cap - seats.length));
  const sign = broken ? colors.red('✗') : colors.green('✓');
  return `  ${sign} ${padEnd(clip(visible(name), 22), 22)} ${padStart(String(seats.length), String(n).length)}  ${bar}${colors.dim(room)}`;
}

function lossRows(
  { developers, seats, blocks, breaksSafety, decides }: Loss,
  { colors }: Terminal,
): string[] {
  const who = developers.map((name) => clip(visible(name), 24)).join(' and ');
  return [
    `  ${who}, ${plural(seats, 'seat')}`,
    blocks
      ? colors.yellow('      without them nothing can be decided')
      : '      the others still decide without them',
    ...(breaksSafety ? [colors.yellow('      as liars they could break agreement')] : []),
    decides ? colors.red('      they decide alone') : '      they cannot decide alone',
  ];
}
