// The chain as the checker sees it, by headers alone: where epochs end, who is passed over, what a block stands on.
import { GENESIS_VIEW, type View } from '../consensus/block.ts';
import { type Exclusions, NO_EXCLUSIONS, type RoundRobin } from '../consensus/leaders.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { WorldSignatures } from './signature-table.ts';

export interface CheckedChainDependencies {
  readonly signatures: Pick<WorldSignatures, 'headerOf'>;
  /** does a block hold an entry that ends its epoch? */
  readonly endsEpoch?: (block: Digest) => boolean;
}

export class CheckedChain {
  readonly #dependencies: CheckedChainDependencies;
  /** the block that ended the epoch of a block, at or below it */
  readonly #ends = new Map<Digest, Digest | undefined>();
  /** after a block, for those that votes have named */
  readonly #exclusions = new Map<Digest, Exclusions>();

  constructor(dependencies: CheckedChainDependencies) {
    this.#dependencies = dependencies;
  }

  /** The block that ended the epoch of a block, if one at or below it did. */
  endOf(block: Digest): Digest | undefined {
    const { signatures, endsEpoch } = this.#dependencies;
    const header = signatures.headerOf(block);
    if (header === undefined || endsEpoch === undefined) return undefined;
    if (this.#ends.has(block)) return this.#ends.get(block);
    const parent = signatures.headerOf(header.parent);
    const before = parent?.epoch === header.epoch ? this.endOf(header.parent) : undefined;
    const end = before ?? (endsEpoch(block) ? block : undefined);
    this.#ends.set(block, end);
    return end;
  }

  exclusionsAfter(block: Digest, epoch: Epoch, leaders: RoundRobin): Exclusions {
    const { signatures } = this.#dependencies;
    const header = signatures.headerOf(block);
    if (header === undefined || header.epoch !== epoch) return NO_EXCLUSIONS;
    const known = this.#exclusions.get(block);
    if (known !== undefined) return known;
    const parentView = signatures.headerOf(header.parent)?.view ?? GENESIS_VIEW;
    const before = this.exclusionsAfter(header.parent, epoch, leaders);
    const exclusions = leaders.after(before, parentView, header);
    this.#exclusions.set(block, exclusions);
    return exclusions;
  }

  justifyView(block: Digest): View {
    const { signatures } = this.#dependencies;
    const header = signatures.headerOf(block);
    return (header && signatures.headerOf(header.parent)?.view) ?? GENESIS_VIEW;
  }
}
