// The council as a state machine: ordered entries in, states and records out. It is a pure function of its
// arguments, so that every node, and every stranger who replays the ledger, comes to the same decisions
// (protocol 4, 4.10). It asks nobody, waits for nothing and knows no clock but block time.
import type { Admission, BlockContext } from '../consensus/application.ts';
import { type Entry, GENESIS_HEIGHT } from '../consensus/block.ts';
import type { StatementVerifier } from '../consensus/statements.ts';
import { ConclaveError } from '../errors.ts';
import { type Bls, nobleBls } from '../signing/bls.ts';
import type { Epoch } from '../signing/purpose.ts';
import { Authenticity, type SignatureClaim } from './authenticity.ts';
import { type CaseDocument, type CaseId, questionOf } from './case.ts';
import { Draft, type Moment } from './draft.ts';
import { type EntryFields, type OpenEntry, openEntry } from './entry.ts';
import { accuse, statementVerifierOf, type VerifySignature } from './misbehaviour.ts';
import { openCase } from './opening.ts';
import { endBlock, nextDeadlineMs } from './phases.ts';
import type { CouncilRecord } from './records.ts';
import { type Constitution, type Rules, rulesOf } from './rules.ts';
import { type CouncilState, genesisState } from './state.ts';
import { suspectSeats } from './suspicion.ts';
import { RosterChanges } from './swapping.ts';
import { commitBallot, revealBallot } from './voting.ts';

export type { SignatureClaim } from './authenticity.ts';

export interface CouncilDependencies {
  readonly verifySignature: VerifySignature;
  /** checks that who brings a BLS key holds it; by the portable backend unless given */
  readonly verifyPossession?: Bls['verifyPossession'];
  /** checks what evidence of ordering faults shows; by the keys of each epoch's roster unless given */
  readonly statements?: StatementVerifier;
}

export interface CouncilExecution {
  readonly state: CouncilState;
  /** what executing the block derived, in order: leaves of the ledger after the entries (protocol 7.1) */
  readonly records: readonly CouncilRecord[];
}

const NO_RECORDS: readonly CouncilRecord[] = [];

export class Council {
  readonly #rules: Rules;
  readonly #authenticity: Authenticity;
  readonly #changes: RosterChanges;
  readonly #opened = new WeakMap<Entry, OpenEntry | 'malformed'>();

  constructor(constitution: Constitution, dependencies: CouncilDependencies) {
    const { verifySignature, verifyPossession = nobleBls.verifyPossession, statements } = dependencies;
    const { councilId } = constitution;
    this.#rules = rulesOf(
      constitution,
      (rosters) => statements ?? statementVerifierOf({ councilId, rosters }, { verifySignature }),
    );
    this.#authenticity = new Authenticity(constitution, { verifySignature, verifyPossession });
    this.#changes = new RosterChanges(constitution.charter);
  }

  genesis(): CouncilState {
    return genesisState(this.#rules.roster);
  }

  /** Of the next block. */
  epochOf({ epoch }: CouncilState): Epoch {
    return epoch;
  }

  /** Undefined when the time does not go forward, or an entry is invalid, repeated or cannot execute here. */
  execute(
    state: CouncilState,
    context: BlockContext,
    entries: readonly Entry[],
  ): CouncilExecution | undefined {
    if (context.timeMs <= state.timeMs) return undefined; // protocol 4.9
    if (context.epoch !== state.epoch) return executeSuffix(state, context, entries);
    const draft = new Draft(state, { height: context.height, timeMs: context.timeMs });
    for (const entry of entries) {
      const open = this.#open(entry);
      if (open === undefined || this.#judge(draft, entry, open) !== 'now') return undefined;
    }
    endBlock(draft, context, this.#rules);
    return { state: draft.result(), records: draft.records };
  }

  /** May this entry stand in the next block? Checks its signatures too. */
  admits(state: CouncilState, entry: Entry): Admission {
    const open = this.#open(entry);
    if (open === undefined) return 'never';
    return this.#judge(new Draft(state, ANY_MOMENT), entry, open);
  }

  /** Who signed the entry, as it says; nobody's when it is malformed. */
  authorOf(entry: Entry): string {
    return this.#open(entry)?.fields.by ?? '';
  }

  dueAtMs(state: CouncilState): number | undefined {
    return nextDeadlineMs(state.open.values());
  }

  /**
   * All signatures an entry rests on, to check many ahead, by the roster of its epoch as it was last seen here; undefined
   * when it is malformed or its author unknown. Executing believes none of this.
   */
  signaturesOf(entry: Entry): readonly SignatureClaim[] | undefined {
    const open = this.#open(entry);
    return open && this.#authenticity.claimsOf(open);
  }

  /** An entry is looked at when it comes, when it is proposed and when it is executed; taken apart once. */
  #open(entry: Entry): OpenEntry | undefined {
    let open = this.#opened.get(entry);
    if (open === undefined) {
      open = openOrNothing(entry) ?? 'malformed';
      this.#opened.set(entry, open);
    }
    return open === 'malformed' ? undefined : open;
  }

  /** As `#apply`, and 'never' when a signature is false. A change of the roster costs more to weigh than to check. */
  #judge(draft: Draft, entry: Entry, open: OpenEntry): Admission {
    const isChange = open.fields.kind === 'roster.changed';
    if (isChange && !this.#authenticity.isGenuine(entry, open, draft.rosters)) return 'never';
    const admission = this.#apply(draft, open.fields);
    if (admission === 'never' || isChange) return admission;
    return this.#authenticity.isGenuine(entry, open, draft.rosters) ? admission : 'never';
  }

  /** What the entry does, done to the draft when the answer is 'now'. */
  #apply(draft: Draft, fields: EntryFields): Admission {
    if (draft.endsEpoch) return 'never'; // protocol 6.1: nothing after a change of the roster
    switch (fields.kind) {
      case 'case.opened':
        return openCase(draft, fields, this.#rules);
      case 'ballot.committed':
        return commitBallot(draft, fields);
      case 'ballot.revealed':
        return revealBallot(draft, fields, this.#rules);
      case 'evidence.found':
        return accuse(draft, fields, this.#rules);
      case 'roster.changed':
        return this.#changes.apply(draft, fields);
      case 'seats.suspected':
        return suspectSeats(draft, fields);
      default:
        return fields satisfies never;
    }
  }
}

/**
 * A block of the epoch that has just ended, built on its last one: it helps to commit that one and changes nothing. Of
 * any other epoch no block executes (protocol 6.1).
 */
function executeSuffix(
  state: CouncilState,
  { epoch }: BlockContext,
  entries: readonly Entry[],
): CouncilExecution | undefined {
  return epoch === state.epoch - 1 && entries.length === 0 ? { state, records: NO_RECORDS } : undefined;
}

/** Whether an entry may be in the next block does not depend on when that is. */
const ANY_MOMENT: Moment = { height: GENESIS_HEIGHT, timeMs: 0 };

/** The cases of one type and subject so far: what a new case must name as earlier (protocol 4.1). */
export function earlierCases(
  state: CouncilState,
  question: Pick<CaseDocument, 'type' | 'subject'>,
): readonly CaseId[] {
  return state.attempts.get(questionOf(question)) ?? [];
}

function openOrNothing({ bytes }: Entry): OpenEntry | undefined {
  try {
    return openEntry(bytes);
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'bad-input') return undefined;
    throw error;
  }
}
