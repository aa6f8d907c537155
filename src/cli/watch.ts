// `conclave watch`: a case as it goes. What is drawn is what nodes with more than f seats tell alike, and the end of it
// is a certificate that was checked here.
import { setTimeout as pause } from 'node:timers/promises';
import type { CaseId } from '../council/case.ts';
import { seatOf } from '../council/roster.ts';
import { ConclaveError } from '../errors.ts';
import type { Certified, CouncilClient } from '../node/client/council-client.ts';
import { type FollowedEvent, followCase } from '../node/client/following.ts';
import { type Digest, isDigest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { legend, phaseLine, seatRows } from './chamber.ts';
import { joinCouncil } from './council-line.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { visible, wrap } from './layout.ts';
import { Proceedings } from './proceedings.ts';
import type { RedisOptions } from './redis-servers.ts';
import type { Terminal } from './terminal.ts';

export interface WatchOptions extends RedisOptions {
  readonly timeout: number;
}

const LOOK_FOR_CERTIFICATE_MS = 250;

export async function watch(text: string, options: WatchOptions, terminal: Terminal): Promise<ExitCode> {
  if (!isDigest(text)) {
    throw new ConclaveError(
      'usage',
      `expected a case id of 64 lower-case hex digits, found "${visible(text).slice(0, 80)}"`,
    );
  }
  const caseId: Digest = text;
  const line = await joinCouncil(options);
  try {
    const { client } = line;
    if ((await client.committed(caseId)) === undefined) {
      throw new ConclaveError('unavailable', `no node can prove that case ${caseId} is on the ledger`);
    }
    const withinMs = options.timeout * 1_000;
    const certified = await watchToTheEnd({ client, caseId, withinMs, lines: true }, terminal);
    if (certified === undefined) {
      throw new ConclaveError(
        'unavailable',
        `nothing more was heard of case ${caseId} for ${options.timeout} s`,
      );
    }
    return EXIT.yes;
  } finally {
    await line.close();
  }
}

export interface Watched {
  readonly client: CouncilClient;
  readonly caseId: CaseId;
  /** shown above the picture; the ledger does not know it */
  readonly title?: string;
  readonly withinMs: number;
  /** one object on stdout for whatever happens */
  readonly lines?: boolean;
}

/** To the certificate; undefined when nothing more came in time. */
export async function watchToTheEnd(
  { client, caseId, title, withinMs, lines = false }: Watched,
  terminal: Terminal,
): Promise<Certified | undefined> {
  const proceedings = new Proceedings(caseId, client.roster, nodeOf(client));
  const draw = (): void => terminal.draw(picture(proceedings, title, terminal));
  const silence = new AbortController();
  let heardMs = Date.now();
  const looking = setInterval(() => {
    if (Date.now() - heardMs > withinMs) silence.abort();
  }, 500);
  const hear = (event: FollowedEvent): void => {
    heardMs = Date.now();
    proceedings.hear(event);
    if (lines) tell(event, terminal);
    draw();
  };
  draw();
  try {
    await followCase(client, caseId, { hear, signal: silence.signal });
    while (!silence.signal.aborted) {
      const certified = await client.certificate(caseId);
      const decision = certified?.verification.decision;
      if (certified === undefined || decision === undefined) {
        await pause(LOOK_FOR_CERTIFICATE_MS);
        continue;
      }
      proceedings.hear({ kind: 'certified', caseId, decision });
      const drawn = picture(proceedings, title, terminal);
      if (terminal.live) terminal.say(...drawn, '');
      if (lines) {
        const { outcome, basis, tally } = decision;
        terminal.result({ event: 'certified', caseId, outcome, basis, tally, verified: true });
        if (!terminal.json)
          terminal.say(`certified: ${outcome}, ${tally.approve} approve; verified from the genesis`);
      }
      return certified;
    }
    return undefined;
  } finally {
    clearInterval(looking);
  }
}

/** Where one maker stands behind all seats, they are shown by their nodes. */
function nodeOf({ roster }: CouncilClient): (seat: SeatId) => string {
  return (seat) => seatOf(roster, seat)?.node ?? '';
}

function picture(
  proceedings: Proceedings,
  title: string | undefined,
  { colors, columns }: Terminal,
): string[] {
  const { document, caseId } = proceedings;
  const seats = proceedings.seats();
  const heading =
    title === undefined ? [] : wrap(visible(title), columns - 4).map((row) => `  ${colors.bold(row)}`);
  return [
    '',
    ...heading,
    colors.dim(
      document === undefined ? `  case ${caseId}` : `  ${document.type} of ${visible(document.subject)}`,
    ),
    '',
    phaseLine(proceedings.phase, proceedings.progress, colors),
    '',
    ...seatRows(seats, columns, colors),
    '',
    `  ${legend(seats, colors)}`,
  ];
}

/** One line for whatever happens: an object with --json, words where nobody draws. */
function tell(event: FollowedEvent, terminal: Terminal): void {
  const { kind, caseId, height, timeMs } = event;
  const known = { event: kind, caseId, height, timeMs };
  switch (event.kind) {
    case 'opened': {
      const { type, subject, attempt, submitter } = event.document;
      terminal.result({ ...known, type, subject, attempt, submitter });
      return say(`opened: ${type} of ${visible(subject)}, attempt ${attempt}`, terminal);
    }
    case 'committed':
      terminal.result({ ...known, seat: event.seat });
      return say(`seat ${event.seat} has sealed its ballot`, terminal);
    case 'closed':
      terminal.result({
        ...known,
        by: event.record.by,
        committed: event.record.committed,
        absent: event.record.absent,
      });
      return say(`closed: ${event.record.committed} ballots are sealed`, terminal);
    case 'revealed': {
      const { verdict, confidence, provenance, reason } = event.ballot;
      terminal.result({
        ...known,
        seat: event.seat,
        verdict,
        confidence,
        provenance,
        reason: reason ?? null,
      });
      return say(`seat ${event.seat} has opened its ballot: ${verdict}`, terminal);
    }
    case 'decided': {
      const { outcome, basis, tally, threshold, flags } = event.decision;
      terminal.result({ ...known, outcome, basis, tally, threshold, flags });
      return say(`decided: ${outcome} (${basis}), ${tally.approve} approve`, terminal);
    }
    default:
      return event satisfies never;
  }
}

function say(words: string, terminal: Terminal): void {
  if (!terminal.live && !terminal.json) terminal.say(words);
}
