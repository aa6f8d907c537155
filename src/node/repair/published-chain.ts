// The committed chain, read back from the published ledger: what a repair may build a store from. It is audited first,
// to the last signature, because a ledger's folder is open to everybody who can write there.
import type { Block } from '../../consensus/block.ts';
import type { Certificate } from '../../consensus/certificates.ts';
import { digestOfHeader } from '../../consensus/digests.ts';
import type { CommittedBlock } from '../../consensus/effects.ts';
import { quorumOf } from '../../consensus/quorum.ts';
import type { Founding } from '../../council/genesis.ts';
import { ConclaveError } from '../../errors.ts';
import { auditLedger } from '../../ledger/audit.ts';
import { CHECKPOINT_PATH } from '../../ledger/checkpoint.ts';
import { certificateOf } from '../../ledger/commit-seal.ts';
import { openPublished } from '../../ledger/prove.ts';
import { publishedBlocks } from '../../ledger/published-blocks.ts';
import type { LogRead } from '../../ledger/tiles.ts';
import { type Digest, digestOfBytes } from '../../signing/digest.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import type { Folder } from '../../storage/folder.ts';

export interface PublishedChain {
  readonly blocks: readonly CommittedBlock[];
  /** the commit certificate of the last; undefined when nothing was ever published */
  readonly tip: Certificate | undefined;
  readonly decided: ReadonlySet<Digest>;
}

export function publishedChain(founding: Founding, read: LogRead): PublishedChain {
  if (read(CHECKPOINT_PATH) === undefined) return { blocks: [], tip: undefined, decided: new Set() };
  const audit = auditLedger(founding, read, { ed25519: fastestEd25519 });
  if (audit.problem !== undefined) {
    const { height, detail } = audit.problem;
    throw new ConclaveError(
      'storage',
      `nothing safe can be done: the published ledger is damaged too, at height ${height}: ${detail}`,
    );
  }
  const quorum = quorumOf(founding.roster.seats.length);
  const leaves = openPublished(read).log.entries();
  const blocks: CommittedBlock[] = [];
  for (const { header, entries, commit, suffix: proof = [] } of publishedBlocks(read)) {
    if (blocks.length === audit.blocks) break;
    const before = blocks.at(-1)?.block.header.ledgerSize ?? 0;
    const added: Uint8Array[] = [];
    while (added.length < header.ledgerSize - before) {
      const leaf = leaves.next();
      if (leaf.done === true) break;
      added.push(leaf.value);
    }
    const digest = digestOfHeader(header);
    const block: Block = {
      digest,
      header,
      entries: added.slice(0, entries).map((bytes) => ({ digest: digestOfBytes(bytes), bytes })),
    };
    const suffix = proof.map((after) => ({ digest: digestOfHeader(after), header: after, entries: [] }));
    const certified = suffix.at(-1) ?? block;
    const certificate =
      commit === null ? null : certificateOf(certified.header, certified.digest, commit, quorum);
    blocks.push({ block, commit: certificate, leaves: added, suffix });
  }
  const tip = blocks.at(-1)?.commit ?? undefined;
  return { blocks, tip, decided: new Set(audit.decisions.map(({ caseId }) => caseId)) };
}

/** A certificate for a decision that the ledger lacks would prove that the ledger is not all there was. */
export async function requireCertificatesPublished(
  certificates: Folder,
  { decided }: PublishedChain,
): Promise<void> {
  for (const name of await certificates.names('')) {
    const caseId = /^([0-9a-f]{64})\.intoto\.jsonl$/.exec(name)?.[1];
    if (caseId === undefined || [...decided].some((known) => known === caseId)) continue;
    throw new ConclaveError(
      'storage',
      `nothing safe can be done: there is a certificate for case ${caseId}, which the published ledger does not have`,
    );
  }
}
