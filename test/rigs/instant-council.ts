// A small council for tests of nodes: one criterion, seats that answer at once and as they are told.

import type { Pace } from '../../src/consensus/pacemaker.ts';
import { abstention, ballotFrom, type Verdict } from '../../src/council/ballot.ts';
import type { CaseSource } from '../../src/council/case-file.ts';
import type { Decision } from '../../src/council/records.ts';
import type { SeatJudge } from '../../src/node/aftermath.ts';
import type { CouncilNode } from '../../src/node/council-node.ts';
import { MemoryCouncil, type MemoryCouncilOptions } from '../../src/node/memory-council.ts';
import type { NodeEvent } from '../../src/node/node-events.ts';
import { utf8 } from '../../src/signing/bytes.ts';
import { digestOf } from '../../src/signing/digest.ts';
import type { SeatId } from '../../src/signing/seat-id.ts';

export const POLICY = {
  criteria: [{ id: 'sound', title: 'Sound', text: 'Is it sound?', mandatory: true }],
} as const;

export const CHARTER: MemoryCouncilOptions['charter'] = {
  name: 'Test council',
  windows: { commitMs: 20_000, revealMs: 20_000 },
  driftMs: 2_000,
  validityMs: 86_400_000,
  attempts: 5,
  policies: { certification: POLICY },
};

/** Short views: dead leaders are passed over soon, and a slow machine doubles them by itself. */
export const TEST_PACE: Pace = { viewMs: 250, maxViewMs: 2_000, resendMs: 100, heartbeatMs: 250 };

const mark = { rationale: digestOf('why'), model: digestOf('m'), prompt: digestOf('p') };
const RECORD = utf8('{}');

/** `undefined` keeps silent. */
export function judgeOf(verdictOf: (seat: SeatId) => Verdict | undefined): SeatJudge {
  return async ({ seat, policy }) => {
    const verdict = verdictOf(seat);
    if (verdict === undefined) return undefined;
    const told = { ...mark, provenance: 'offline' } as const;
    if (verdict === 'abstain') return { ballot: abstention('timeout', told), record: RECORD };
    const finding = verdict === 'approve' ? 'met' : 'not-met';
    return { ballot: ballotFrom({ sound: finding }, policy, { ...told, confidence: 80 }), record: RECORD };
  };
}

export const approve: SeatJudge = judgeOf(() => 'approve');

export function sourceAbout(subject: string, text = 'It was tested.'): CaseSource {
  return {
    type: 'certification',
    subject,
    title: `About ${subject}`,
    fields: {
      system: subject,
      version: '1',
      applicant: 'Somebody',
      purpose: 'A test',
      deployment: 'Nowhere',
      level: 'basic',
    },
    evidence: [{ id: 'e1', title: 'Report', text }],
  };
}

export function seatsANode(n: number, seats = 1): readonly number[] {
  return Array.from({ length: n / seats }, () => seats);
}

export async function memoryCouncil(
  nodes: readonly number[],
  judge: SeatJudge,
  more: { pace?: Pace; charter?: Partial<MemoryCouncilOptions['charter']> } = {},
): Promise<MemoryCouncil> {
  return MemoryCouncil.found(
    { nodes, charter: { ...CHARTER, ...more.charter }, pace: more.pace ?? TEST_PACE },
    { judge },
  );
}

/** The first event of a node that fits; rejects when the node stops. */
export function eventOf<K extends NodeEvent['kind']>(
  node: Pick<CouncilNode, 'watch'>,
  kind: K,
  fits: (event: Extract<NodeEvent, { kind: K }>) => boolean = () => true,
): Promise<Extract<NodeEvent, { kind: K }>> {
  const isOfKind = (event: NodeEvent): event is Extract<NodeEvent, { kind: K }> => event.kind === kind;
  return new Promise((resolve, reject) => {
    const stop = node.watch((event) => {
      if (isOfKind(event) && fits(event)) resolve(event);
      else if (event.kind === 'stopped') reject(event.error);
      else return;
      stop();
    });
  });
}

/** Submits a case and waits until every node that is up has its certificate. */
export async function decideEverywhere(
  council: MemoryCouncil,
  source: CaseSource,
): Promise<readonly Decision[]> {
  const certified = council.up.map((node) =>
    eventOf(node, 'certified', ({ decision }) => decision.subject === source.subject),
  );
  await council.submit(source);
  return (await Promise.all(certified)).map(({ decision }) => decision);
}

export async function until(what: () => boolean, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!what()) {
    if (Date.now() > end) throw new Error(`did not come true within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
