// A case as it goes, told by the nodes: every leaf of the ledger about it, in order, as soon as nodes with more than f
// seats have told the same one at the same place. So no f seats can show a client a chamber that is not there. What
// it comes to in the end, the certificate proves (protocol 8.3).

import { quorumOf } from '../../consensus/quorum.ts';
import type { Ballot } from '../../council/ballot.ts';
import { type CaseDocument, type CaseId, caseIdOf } from '../../council/case.ts';
import { openEntry } from '../../council/entry.ts';
import { type CaseClosed, type Decision, isRecordLeaf, openRecord } from '../../council/records.ts';
import { ConclaveError } from '../../errors.ts';
import { fromBase64 } from '../../signing/bytes.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { Told } from '../desk/desk-message.ts';
import { FOLLOWED_MS } from '../desk/followers.ts';
import type { CouncilClient } from './council-client.ts';

/** A node that does not answer is left alone for so long. */
const SILENT_PAUSE_MS = 2_000;
const ANSWER_WITHIN_MS = FOLLOWED_MS + 3_000;
/** Four leaves a seat and the opening, close and decision are less. */
const MAX_LEAVES = 1_024;

interface When {
  readonly height: number;
  readonly timeMs: number;
}

/** What `NodeEvent` has of a case, and when it was committed. */
export type FollowedEvent = When & { readonly caseId: CaseId } & (
    | { readonly kind: 'opened'; readonly document: CaseDocument }
    | { readonly kind: 'committed'; readonly seat: SeatId }
    | { readonly kind: 'revealed'; readonly seat: SeatId; readonly ballot: Ballot }
    | { readonly kind: 'closed'; readonly record: CaseClosed }
    | { readonly kind: 'decided'; readonly decision: Decision }
  );

/** Ends after the decision, or when nothing more is wanted. */
export async function followCase(
  client: CouncilClient,
  caseId: CaseId,
  { hear, signal }: { readonly hear: (event: FollowedEvent) => void; readonly signal: AbortSignal },
): Promise<void> {
  const following = new Following(client, caseId, hear);
  const ended = new Promise<void>((resolve) => {
    following.onDecided = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  for (const node of client.nodes) void following.listen(node);
  await ended;
  following.stop();
}

class Following {
  readonly #client: CouncilClient;
  readonly #caseId: CaseId;
  readonly #hear: (event: FollowedEvent) => void;
  /** by place: what was told there, and by whom */
  readonly #told: Map<string, Set<string>>[] = [];
  readonly #pauses = new Set<() => void>();
  #heard = 0;
  #stopped = false;
  onDecided: () => void = () => {};

  constructor(client: CouncilClient, caseId: CaseId, hear: (event: FollowedEvent) => void) {
    this.#client = client;
    this.#caseId = caseId;
    this.#hear = hear;
  }

  stop(): void {
    this.#stopped = true;
    for (const end of this.#pauses) end();
  }

  /** Asks one node, over and over, for what comes after what it has told. */
  async listen(node: string): Promise<void> {
    for (let after = 0; !this.#stopped && after < MAX_LEAVES; ) {
      const ask = { kind: 'follow', caseId: this.#caseId, after } as const;
      const answer = await this.#client.desk.ask(node, ask, ANSWER_WITHIN_MS);
      if (this.#stopped) return;
      if (answer?.kind !== 'followed') {
        await this.#pause();
        continue;
      }
      for (const told of answer.leaves) this.#tell(node, after++, told);
      if (answer.leaves.length === 0 && answer.certified) return;
    }
  }

  #tell(node: string, place: number, { height, timeMs, leaf }: Told): void {
    if (place >= MAX_LEAVES) return;
    const versions = this.#told[place] ?? new Map<string, Set<string>>();
    this.#told[place] = versions;
    const version = `${height} ${timeMs} ${leaf}`;
    versions.set(version, (versions.get(version) ?? new Set()).add(node));
    this.#goOn();
  }

  #goOn(): void {
    const { f } = quorumOf(this.#client.roster.seats.length);
    for (;;) {
      const versions = this.#told[this.#heard];
      const believed = [...(versions ?? [])].find(([, nodes]) => this.#client.seatsAt(nodes) > f)?.[0];
      if (believed === undefined || this.#stopped) return;
      this.#heard += 1;
      const [height = '', timeMs = '', leaf = ''] = believed.split(' ');
      const event = eventIn(fromBase64(leaf), this.#caseId, {
        height: Number(height),
        timeMs: Number(timeMs),
      });
      if (event === undefined) continue;
      this.#hear(event);
      if (event.kind === 'decided') this.onDecided();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, SILENT_PAUSE_MS);
      this.#pauses.add(end);
    });
  }
}

/** Undefined for a leaf that tells nothing of this case. */
function eventIn(leaf: Uint8Array, caseId: CaseId, when: When): FollowedEvent | undefined {
  try {
    if (isRecordLeaf(leaf)) {
      const record = openRecord(leaf);
      if (record.kind === 'case.closed' && record.caseId === caseId) {
        return { ...when, kind: 'closed', caseId, record };
      }
      if (record.kind !== 'case.decided' || record.caseId !== caseId) return undefined;
      return { ...when, kind: 'decided', caseId, decision: record };
    }
    const { fields } = openEntry(leaf);
    if (fields.kind === 'case.opened' && caseIdOf(fields.case) === caseId) {
      return { ...when, kind: 'opened', caseId, document: fields.case };
    }
    if (!('caseId' in fields) || fields.caseId !== caseId) return undefined;
    if (fields.kind === 'ballot.committed') return { ...when, kind: 'committed', caseId, seat: fields.seat };
    if (fields.kind !== 'ballot.revealed') return undefined;
    return { ...when, kind: 'revealed', caseId, seat: fields.seat, ballot: fields.ballot };
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'bad-input') return undefined;
    throw error;
  }
}
