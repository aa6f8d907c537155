// `conclave agents check`: what seats share, held against the caps before there is a council (protocol 1.5, 6.2), and
// what else a body that certifies would want to know of its seats: lenses, forms of prompt, lines out of date. Only
// a broken cap is a no; everything else is said.
import {
  type DomainReport,
  domainReport,
  type FaultDomain,
  type Loss,
  type Losses,
} from '../council/fault-domains.ts';
import { LENSES } from '../providers/contract.ts';
import type { SeatFile } from '../seats/seat-file.ts';
import { domainsOfSeat, type StaleLine } from '../seats/seat-model.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { asTyped } from './folders.ts';
import { clip, padEnd, padStart, plural, visible } from './layout.ts';
import type { Terminal } from './terminal.ts';

/** Which node hosts a seat is for the running council to say; a seat file does not know it. */
const JUDGED_KINDS = ['developer', 'family', 'host'] as const;
/** How many developers, and how many forms of prompt, the seats of a lens should have. */
const VOICES = 3;

export interface CheckedAgents {
  readonly folder: string;
  readonly seats: readonly SeatFile[];
  /** the forms of prompts there are */
  readonly forms: readonly string[];
}

export function checkAgents({ folder, seats, forms }: CheckedAgents, terminal: Terminal): ExitCode {
  const report = domainReport({
    seats: seats.map((seat) => ({
      ...domainsOfSeat(seat),
      seat: seat.seat,
      node: `node of ${seat.seat}`,
    })),
  });
  const domains = report.domains.filter(({ kind }) => kind !== 'node');
  const broken = domains.filter((domain) => domain.broken);
  const lenses = lensesOf(seats);
  const prompts = formsOf(seats, forms);
  const stale = seats.flatMap((seat) => seat.stale.map((line) => ({ seat: seat.seat, ...line })));
  const unlisted = seats.filter(({ listed }) => !listed);
  const ok = broken.length === 0;

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
  terminal.say(colors.bold('  if developers fall together'), ...lossRows(report, terminal), '');
  terminal.say(
    colors.bold('  lenses'),
    ...lenses.map((lens) => lensRow(lens, terminal)),
    '',
    colors.bold('  forms of prompt'),
    ...prompts.map((form) => formRow(form, report.cap, terminal)),
    '',
  );
  for (const line of stale) terminal.say(colors.yellow(`  ${staleRow(line)}`));
  for (const { seat, model } of unlisted) {
    terminal.say(
      colors.yellow(
        `  seat ${seat}: models.yaml does not list ${visible(model)}, so no budget knows its price`,
      ),
    );
  }
  if (stale.length + unlisted.length > 0) terminal.say('');
  terminal.say(
    ok
      ? `  ${colors.green('✓')} every cap is kept`
      : `  ${colors.red('✗')} ${broken.map(brokenWords).join('; ')}: such a roster is refused`,
    '',
  );
  terminal.result({
    ok,
    agents: folder,
    seats: seats.length,
    cap: report.cap,
    domains,
    broken,
    worstOne: report.worstOne,
    worstTwo: report.worstTwo,
    ones: report.ones,
    twos: report.twos,
    lenses,
    forms: prompts,
    stale,
    unlisted: unlisted.map(({ seat, model }) => ({ seat, model })),
  });
  return ok ? EXIT.yes : EXIT.no;
}

interface CheckedLens {
  readonly lens: string;
  readonly seats: readonly number[];
  readonly developers: number;
  readonly forms: number;
}

function lensesOf(seats: readonly SeatFile[]): readonly CheckedLens[] {
  return LENSES.map((lens) => {
    const members = seats.filter((seat) => seat.lens === lens);
    return {
      lens,
      seats: members.map(({ seat }) => seat),
      developers: new Set(members.map(({ developer }) => developer)).size,
      forms: new Set(members.map(({ prompt }) => prompt)).size,
    };
  });
}

interface CheckedForm {
  readonly form: string;
  readonly seats: readonly number[];
}

function formsOf(seats: readonly SeatFile[], forms: readonly string[]): readonly CheckedForm[] {
  return forms
    .map((form) => ({
      form,
      seats: seats.filter(({ prompt }) => prompt === form).map(({ seat }) => seat),
    }))
    .sort((a, b) => b.seats.length - a.seats.length);
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

function brokenWords({ kind, name, seats }: FaultDomain): string {
  return `${kind} ${clip(visible(name), 40)} holds ${seats.length}`;
}

function lossRows({ worstOne, worstTwo, ones, twos }: DomainReport, terminal: Terminal): string[] {
  return [
    ...worstRows('the worst one', worstOne, terminal),
    countRow('developers', ones),
    ...(twos.of === 0 ? [] : [...worstRows('the worst two', worstTwo, terminal), countRow('pairs', twos)]),
  ];
}

function worstRows(
  what: string,
  { developers, seats, blocks, breaksSafety, decides }: Loss,
  { colors }: Terminal,
): string[] {
  const who = developers.map((name) => clip(visible(name), 24)).join(' and ');
  return [
    `  ${what}: ${who}, ${plural(seats, 'seat')}`,
    blocks
      ? colors.yellow('      without them nothing can be decided')
      : '      the others still decide without them',
    ...(breaksSafety ? [colors.yellow('      as liars they could break agreement')] : []),
    decides ? colors.red('      they decide alone') : '      they cannot decide alone',
  ];
}

function countRow(what: string, { of, block, breakSafety, decide }: Losses): string {
  return `      of ${of} ${what}: ${block} can block, ${breakSafety} can break agreement, ${decide} can decide`;
}

function lensRow({ lens, seats, developers, forms }: CheckedLens, { colors }: Terminal): string {
  const said = `  ${padEnd(lens, 16)} ${padStart(plural(seats.length, 'seat'), 8)} of ${plural(developers, 'developer')}, ${plural(forms, 'form')}`;
  if (seats.length === 0) return colors.yellow(`  ${padEnd(lens, 16)} nobody judges from it`);
  return Math.min(developers, forms) < VOICES ? colors.yellow(said) : said;
}

function formRow({ form, seats }: CheckedForm, cap: number, { colors }: Terminal): string {
  const said = `  ${padEnd(form, 22)} ${padStart(plural(seats.length, 'seat'), 8)}`;
  return seats.length > cap ? colors.yellow(`${said}, more than one cause may take`) : said;
}

function staleRow({ seat, field, says, is, file, line }: StaleLine & { readonly seat: number }): string {
  const where = `${asTyped(file)}${line === undefined ? '' : `:${line}`}`;
  const old = `${where}: ${field}: ${visible(says)}`;
  if (field === 'fallback') return `${old} is another maker's, so seat ${seat} has none`;
  const counts = field === 'provider' ? '' : `; seat ${seat} counts for both`;
  return `${old} is out of date, the model's is ${visible(is)}${counts}`;
}
