// How fast a whole council decides: 33 seats in one process that answer at once, every ballot, commitment, reveal and
// certificate signed by its own key and verified by it, a store on disk that is synced before every send.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ballotFrom } from '../../council/ballot.ts';
import type { CaseId } from '../../council/case.ts';
import type { CaseSource } from '../../council/case-file.ts';
import type { Policy } from '../../council/charter.ts';
import type { Findings } from '../../council/quantise.ts';
import { pathsOf } from '../../node/council-directory.ts';
import { type Embedded, type EmbeddedDependencies, openEmbedded } from '../../node/embedded.ts';
import type { Judged } from '../../node/seat-duties.ts';
import { offlineProvider } from '../../providers/offline.ts';
import { loadAgents } from '../../seats/agents.ts';
import { loadCase } from '../../seats/case-folder.ts';
import { utf8 } from '../../signing/bytes.ts';
import { digestOf, digestOfBytes } from '../../signing/digest.ts';
import { agentsFolder, sampleCasesFolder } from '../folders.ts';

/** A certification: ten criteria, three items of evidence. */
export const SAMPLE_CASE = join(sampleCasesFolder(), 'triage-assistant', 'case.yaml');

const RATIONALE = 'Every criterion is met, as the evidence shows. '.repeat(20);

export interface InstantCouncil {
  readonly council: Embedded;
  /** when the last seat answered in a case */
  readonly answeredAt: ReadonlyMap<CaseId, number>;
}

/** Seats that find everything met, at once. */
export async function instantCouncil(dataDir: string): Promise<InstantCouncil> {
  const agents = loadAgents(agentsFolder(undefined));
  const answeredAt = new Map<CaseId, number>();
  const judge: EmbeddedDependencies['judge'] = ({ caseId, policy }) => {
    answeredAt.set(caseId, performance.now());
    return Promise.resolve(instantApproval(policy));
  };
  const council = await openEmbedded({ dataDir }, { agents, provider: offlineProvider(agents), judge });
  return { council, answeredAt };
}

/** A ballot that finds everything met, with its reasons. */
export function instantApproval(policy: Policy): Judged {
  const findings: Findings = Object.fromEntries(policy.criteria.map(({ id }) => [id, 'met']));
  const mark = { model: digestOf('instant'), prompt: digestOf('instant'), provenance: 'offline' } as const;
  const ballot = ballotFrom(findings, policy, {
    ...mark,
    confidence: 80,
    rationale: digestOfBytes(utf8(RATIONALE)),
  });
  return { ballot, record: utf8(JSON.stringify({ rationale: RATIONALE })) };
}

/** The sample case under as many subjects as are wanted, on several lanes at a time, in the order in which they are done. */
export async function onLanes<Lane, Done>(
  lanes: readonly Lane[],
  { cases, name }: { readonly cases: number; readonly name: string },
  decide: (source: CaseSource, lane: Lane) => Promise<Done>,
  onDecided: (done: number) => void,
): Promise<readonly Done[]> {
  const { source } = await loadCase(SAMPLE_CASE);
  const all: Done[] = [];
  let next = 0;
  const follow = async (lane: Lane): Promise<void> => {
    while (next < cases) {
      all.push(await decide({ ...source, subject: `${name}-${next++}` }, lane));
      onDecided(all.length);
    }
  };
  await Promise.all(lanes.map(follow));
  return all;
}

/** Files as many cases as are wanted, so many in flight at a time; resolves when all are certified on disk. */
export async function decideCases(
  council: Embedded,
  { cases, inFlight, name }: { readonly cases: number; readonly inFlight: number; readonly name: string },
  onDecided: (done: number) => void,
): Promise<{ readonly tookMs: number; readonly caseIds: readonly CaseId[] }> {
  const started = performance.now();
  const lanes = Array.from({ length: inFlight }, () => council);
  const caseIds = await onLanes(lanes, { cases, name }, (source) => decideOne(council, source), onDecided);
  return { tookMs: performance.now() - started, caseIds };
}

async function decideOne(council: Embedded, source: CaseSource): Promise<CaseId> {
  const caseId = await council.submit(source);
  await council.decided(caseId);
  return caseId;
}

/** From the last seat's answer to the certificate on disk, one case at a time. */
export async function certificateTimesMs(
  { council, answeredAt }: InstantCouncil,
  cases: number,
): Promise<number[]> {
  const { source } = await loadCase(SAMPLE_CASE);
  const times: number[] = [];
  for (let i = 0; i < cases; i++) {
    const caseId = await decideOne(council, { ...source, subject: `one-by-one-${i}` });
    times.push(performance.now() - (answeredAt.get(caseId) ?? Number.NaN));
  }
  return times;
}

/** What lies on disk for a stranger. */
export function sizesIn(
  council: Embedded,
  cases: number,
): { readonly certificateBytes: number; readonly ledgerBytesACase: number } {
  const { ledger, certificates } = pathsOf(council.dataDir);
  const sizes = readdirSync(certificates)
    .filter((name) => name.endsWith('.intoto.jsonl'))
    .map((name) => statSync(join(certificates, name)).size);
  return { certificateBytes: Math.max(...sizes), ledgerBytesACase: bytesUnder(ledger) / cases };
}

function bytesUnder(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
