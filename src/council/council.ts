// The council as a state machine: ordered entries in, states and records out. It is a pure function of its
// arguments, so that every node, and every stranger who replays the ledger, comes to the same decisions
// (protocol 4, 4.10). It asks nobody, waits for nothing and knows no clock but block time.
import type { Admission, BlockContext } from '../consensus/application.ts';
import { type Entry, GENESIS_HEIGHT } from '../consensus/block.ts';
import type { StatementVerifier } from '../consensus/statements.ts';
import { ConclaveError } from '../errors.ts';
import { type CaseDocument, type CaseId, caseIdOf, questionOf } from './case.ts';
import { Draft, type Moment } from './draft.ts';
import {
  type EntryFields,
  entryMessage,
  type OpenEntry,
  openEntry,
  receiptMessage,
  seatOfAuthor,
} from './entry.ts';
import { convictionOf, statementVerifier, type VerifySignature } from './misbehaviour.ts';
import { openCase } from './opening.ts';
import { endBlock, nextDeadlineMs } from './phases.ts';
import type { CouncilRecord } from './records.ts';
import { FIRST_EPOCH, seatOf } from './roster.ts';
import { type Constitution, type Rules, rulesOf } from './rules.ts';
import { type CouncilState, genesisState } from './state.ts';
import { commitBallot, revealBallot } from './voting.ts';

/** One signature to check: key and signature in padded base64. */
export interface SignatureClaim {
  readonly publicKey: string;
  readonly message: Uint8Array;
  readonly signature: string;
}

export interface CouncilDependencies {
  readonly verifySignature: VerifySignature;
  /** checks what evidence of ordering faults shows; by the keys of the roster unless given */
  readonly statements?: StatementVerifier;
}

export interface CouncilExecution {
  readonly state: CouncilState;
  /** what executing the block derived, in order: leaves of the ledger after the entries (protocol 7.1) */
  readonly records: readonly CouncilRecord[];
}

interface Examined {
  /** undefined when it is malformed */
  readonly open: OpenEntry | undefined;
  /** until they are checked: they repeat the entry's bytes */
  claims?: readonly SignatureClaim[] | undefined;
  genuine?: boolean;
}

export class Council {
  readonly #rules: Rules;
  readonly #verifySignature: VerifySignature;
  /** An entry is looked at when it comes, when it is proposed and when it is executed; examined once. */
  readonly #examined = new WeakMap<Entry, Examined>();

  constructor(constitution: Constitution, { verifySignature, statements }: CouncilDependencies) {
    this.#verifySignature = verifySignature;
    this.#rules = rulesOf(constitution, statements ?? statementVerifier(constitution, { verifySignature }));
  }

  genesis(): CouncilState {
    return genesisState();
  }

  /** Undefined when the time does not go forward, or an entry is invalid, repeated or cannot execute here. */
  execute(
    state: CouncilState,
    context: BlockContext,
    entries: readonly Entry[],
  ): CouncilExecution | undefined {
    if (context.timeMs <= state.timeMs) return undefined; // protocol 4.9
    const draft = new Draft(state, { height: context.height, timeMs: context.timeMs });
    for (const entry of entries) {
      const open = this.#open(entry);
      if (open === undefined || this.#apply(draft, open.fields) !== 'now') return undefined;
      if (!this.#isGenuine(entry, open)) return undefined;
    }
    endBlock(draft, context, this.#rules);
    return { state: draft.result(), records: draft.records };
  }

  /** May this entry stand in the next block? Checks its signatures too. */
  admits(state: CouncilState, entry: Entry): Admission {
    const open = this.#open(entry);
    if (open === undefined) return 'never';
    const admission = this.#apply(new Draft(state, ANY_MOMENT), open.fields);
    return admission === 'never' || this.#isGenuine(entry, open) ? admission : 'never';
  }

  /** Who signed the entry, as it says; nobody's when it is malformed. */
  authorOf(entry: Entry): string {
    return this.#open(entry)?.fields.by ?? '';
  }

  dueAtMs(state: CouncilState): number | undefined {
    return nextDeadlineMs(state.open.values());
  }

  /** All signatures an entry rests on, to check many ahead; undefined when it is malformed or its author unknown. */
  signaturesOf(entry: Entry): readonly SignatureClaim[] | undefined {
    const open = this.#open(entry);
    if (open === undefined) return undefined;
    const claims = this.#claimsOf(open);
    const known = this.#examined.get(entry);
    if (known !== undefined && known.genuine === undefined) known.claims = claims;
    return claims;
  }

  #open(entry: Entry): OpenEntry | undefined {
    const known = this.#examined.get(entry);
    if (known !== undefined) return known.open;
    const open = openOrNothing(entry);
    this.#examined.set(entry, { open });
    return open;
  }

  #isGenuine(entry: Entry, open: OpenEntry): boolean {
    const known = this.#examined.get(entry);
    if (known?.genuine !== undefined) return known.genuine;
    const claims = known?.claims ?? this.#claimsOf(open);
    const genuine =
      claims?.every(({ publicKey, message, signature }) =>
        this.#verifySignature(publicKey, message, signature),
      ) ?? false;
    this.#examined.set(entry, { open, genuine });
    return genuine;
  }

  #claimsOf(open: OpenEntry): readonly SignatureClaim[] | undefined {
    const { councilId, roster } = this.#rules;
    const author = this.#authorKey(open.fields);
    if (author === undefined) return undefined;
    const claims = [{ publicKey: author, message: entryMessage(open, councilId), signature: open.signature }];
    if (open.fields.kind !== 'case.opened') return claims;
    const { epoch } = open.fields;
    const message = receiptMessage(caseIdOf(open.fields.case), { councilId, epoch });
    for (const { seat, sig } of open.fields.receipts) {
      const key = seatOf(roster, seat)?.ed25519;
      if (key === undefined) return undefined;
      claims.push({ publicKey: key, message, signature: sig });
    }
    return claims;
  }

  #authorKey(fields: EntryFields): string | undefined {
    const { charter, roster } = this.#rules;
    if (fields.kind === 'case.opened') {
      return charter.submitters.find(({ id }) => id === fields.case.submitter)?.ed25519;
    }
    return seatOf(roster, seatOfAuthor(fields.by) ?? 0)?.ed25519;
  }

  /** What the entry does, done to the draft when the answer is 'now'. */
  #apply(draft: Draft, fields: EntryFields): Admission {
    if (fields.epoch !== FIRST_EPOCH) return 'never';
    switch (fields.kind) {
      case 'case.opened':
        return openCase(draft, fields, this.#rules);
      case 'ballot.committed':
        return commitBallot(draft, fields);
      case 'ballot.revealed':
        return revealBallot(draft, fields, this.#rules);
      case 'evidence.found': {
        const conviction = convictionOf(fields.evidence, this.#rules.statements);
        if (conviction === undefined) return 'never';
        return draft.mark(conviction.seat, conviction.fault, null) ? 'now' : 'never'; // protocol 5.1
      }
      default:
        return fields satisfies never;
    }
  }
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
