// The signatures that a batch of inputs rests on, so that they can be checked ahead, many at a time: those of votes,
// timeouts and proposals, and of the entries in them. What is left out here is checked where it is needed.
import type { Entry } from '../../consensus/block.ts';
import type { Input } from '../../consensus/effects.ts';
import type { Message, Proposal, Timeout, Vote } from '../../consensus/messages.ts';
import { type Statement, statementBytes } from '../../consensus/statements.ts';
import type { Council, SignatureClaim } from '../../council/council.ts';
import { type Roster, sitterOf } from '../../council/roster.ts';
import type { Digest } from '../../signing/digest.ts';
import type { Epoch } from '../../signing/purpose.ts';

export interface SignatureClaimsOptions {
  readonly councilId: Digest;
  /** of every epoch so far: the keys that what is said in each is checked by */
  readonly rosters: () => ReadonlyMap<Epoch, Roster>;
  /** the engine will not look at it */
  readonly isMoot: (vote: Vote) => boolean;
}

export class SignatureClaims {
  readonly #options: SignatureClaimsOptions;
  readonly #council: Pick<Council, 'signaturesOf'>;
  /** An entry comes alone, in a proposal and in answers; once is enough. */
  readonly #seen = new WeakSet<Entry>();

  constructor(options: SignatureClaimsOptions, council: Pick<Council, 'signaturesOf'>) {
    this.#options = options;
    this.#council = council;
  }

  of(inputs: readonly Input[]): readonly SignatureClaim[] {
    const claims: SignatureClaim[] = [];
    for (const input of inputs) {
      if (input.kind === 'entries') this.#ofEntries(input.entries, claims);
      else if (input.kind === 'message') this.#ofMessage(input.message, claims);
    }
    return claims;
  }

  #ofMessage(message: Message, claims: SignatureClaim[]): void {
    switch (message.kind) {
      case 'proposal':
      case 'vote':
      case 'timeout':
        return this.#ofPart(message, claims);
      case 'status':
        for (const part of message.parts) this.#ofPart(part, claims);
        return this.#ofEntries(message.entries, claims);
      case 'entries':
        return this.#ofEntries(message.entries, claims);
      case 'blocks':
        for (const { entries } of message.blocks) this.#ofEntries(entries, claims);
        return;
      case 'blocks-wanted':
        return;
      default:
        return message satisfies never;
    }
  }

  #ofPart(part: Proposal | Vote | Timeout, claims: SignatureClaim[]): void {
    if (part.kind === 'vote' && this.#options.isMoot(part)) return;
    if (part.kind === 'proposal') this.#ofEntries(part.block.entries, claims);
    const statement = statementOf(part);
    const roster = this.#options.rosters().get(statement.epoch);
    const publicKey = roster && sitterOf(roster, part.seat)?.ed25519;
    if (publicKey === undefined) return;
    const message = statementBytes(this.#options.councilId, statement);
    claims.push({ publicKey, message, signature: part.signature });
  }

  #ofEntries(entries: readonly Entry[], claims: SignatureClaim[]): void {
    for (const entry of entries) {
      if (this.#seen.has(entry)) continue;
      this.#seen.add(entry);
      for (const claim of this.#council.signaturesOf(entry) ?? []) claims.push(claim);
    }
  }
}

function statementOf(part: Proposal | Vote | Timeout): Statement {
  switch (part.kind) {
    case 'proposal': {
      const { epoch, view } = part.block.header;
      return { kind: 'proposal', epoch, view, block: part.block.digest };
    }
    case 'vote': {
      const { phase, epoch, view, height, block } = part;
      return { kind: phase === 1 ? 'vote-1' : 'vote-2', epoch, view, height, block };
    }
    case 'timeout': {
      const { epoch, view, prepareView } = part;
      return { kind: 'timeout', epoch, view, prepareView };
    }
    default:
      return part satisfies never;
  }
}
