// What vouches for a tree head: the commit certificate of the block that names it, or that of its first
// descendant that has one, plus the headers between (protocol 3, 7.1, 7.3). It travels in the `extra` line of
// a tlog-proof, which authenticates nothing itself: every link is checked here, and the signatures with it.
import * as z from 'zod';
import { GENESIS_VIEW, type Header } from '../consensus/block.ts';
import { type Certificate, certificateHolds } from '../consensus/certificates.ts';
import { digestOfHeader, payloadRoot } from '../consensus/digests.ts';
import { quorumOf } from '../consensus/quorum.ts';
import { type Statement, type StatementVerifier, statementBytes } from '../consensus/statements.ts';
import { type Roster, sitterOf } from '../council/roster.ts';
import { badInput, invariant } from '../errors.ts';
import { fromBase64 } from '../signing/bytes.ts';
import { canonicalBytes, parseCanonical } from '../signing/canonical.ts';
import type { Digest } from '../signing/digest.ts';
import type { Ed25519 } from '../signing/ed25519.ts';
import { type CommitSeal, certificateOf, commitSealSchema, headerSchema } from './commit-seal.ts';

/** A descendant with a certificate of its own is never far: five views in a row without one are rare. */
export const MAX_LINKED_HEADERS = 256;

const treeHeadSchema = z
  .strictObject({
    commit: commitSealSchema,
    /** from the block that names the tree head up to the one whose commit certificate is here */
    headers: z.array(headerSchema).min(1).max(MAX_LINKED_HEADERS).readonly(),
    /** the vkey of the log key that signed the checkpoint; it vouches for nothing, stock tools want it */
    logKey: z.string().max(256),
  })
  .readonly();

export type TreeHeadProof = z.infer<typeof treeHeadSchema>;

export function treeHeadBytes(proof: TreeHeadProof): Uint8Array {
  return canonicalBytes(proof);
}

export function parseTreeHead(bytes: Uint8Array): TreeHeadProof {
  const result = treeHeadSchema.safeParse(parseCanonical(bytes));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw badInput(`tree head: at ${(issue?.path ?? []).map(String).join('.')}: ${issue?.message ?? ''}`);
}

/**
 * The commit certificate of the last header, its signatures yet unchecked; throws unless the headers are one
 * chain of the roster's epoch that ends with it.
 */
export function requireLinked(
  { commit, headers }: Pick<TreeHeadProof, 'commit' | 'headers'>,
  roster: Roster,
): Certificate {
  const digests = headers.map(digestOfHeader);
  for (const [i, header] of headers.entries()) {
    if (header.epoch !== roster.epoch) {
      throw badInput(`header ${i} is of epoch ${header.epoch}, the roster of epoch ${roster.epoch}`);
    }
    const parent = headers[i - 1];
    if (parent === undefined) continue;
    if (header.parent !== digests[i - 1]) throw badInput(`header ${i} does not follow the one before it`);
    if (header.height !== parent.height + 1 || header.view <= parent.view) {
      throw badInput(`header ${i} is not one higher than the one before it, in a later view`);
    }
  }
  const last = headers.at(-1);
  const block = digests.at(-1);
  if (last === undefined || block === undefined) throw badInput('expected at least one header');
  return certificateOf(last, block, commit, quorumOf(roster.seats.length));
}

/** Throws unless every signature of a commit certificate is true. */
export function requireCommitted(commit: Certificate, verifier: StatementVerifier, roster: Roster): void {
  const quorum = quorumOf(roster.seats.length);
  // Headers are of view 1 and above, so the unsigned certificate of genesis cannot stand in (protocol 3.4).
  invariant(commit.view !== GENESIS_VIEW, 'the certificate of a header has the view of the header');
  if (!certificateHolds(commit, { epoch: roster.epoch, quorum, genesis: commit.block }, verifier)) {
    throw badInput('a commit signature is false');
  }
}

/** Checks what seats of a roster signed while ordering in its epoch; who left a chair vacant says nothing (protocol 5.2). */
export function rosterVerifier(
  councilId: Digest,
  roster: Roster,
  ed25519: Pick<Ed25519, 'verify'>,
): StatementVerifier {
  const keys = roster.seats.map(({ seat }) => {
    const sitter = sitterOf(roster, seat);
    return sitter && fromBase64(sitter.ed25519);
  });
  // A certificate is many signatures over one statement: its bytes are spelled once.
  const spelled = new WeakMap<Statement, Uint8Array>();
  const bytesOf = (statement: Statement): Uint8Array => {
    const bytes = spelled.get(statement) ?? statementBytes(councilId, statement);
    spelled.set(statement, bytes);
    return bytes;
  };
  return {
    verify(seat, statement, signature) {
      const key = statement.epoch === roster.epoch ? keys[seat - 1] : undefined;
      return key !== undefined && ed25519.verify(key, bytesOf(statement), fromBase64(signature));
    },
    digestOfHeader,
    payloadRoot,
  };
}

const NO_ENTRIES = payloadRoot([]);

/**
 * Throws unless all that follows the first header is empty. A block that ends its epoch may be committed by what was
 * built on it in that epoch; those blocks prove it and are no part of the chain, so nothing may stand in them
 * (protocol 6.1).
 */
export function requireSuffix([last, ...suffix]: readonly Header[]): void {
  for (const { payloadRoot: payload, ledgerSize, ledgerRoot } of suffix) {
    if (payload !== NO_ENTRIES || ledgerSize !== last?.ledgerSize || ledgerRoot !== last.ledgerRoot) {
      throw badInput('a block after the one that ended the epoch is not empty');
    }
  }
}

/** Headers that hang together, and the commit certificate of the last. */
export type CommittedHeaders = Pick<TreeHeadProof, 'commit' | 'headers'>;

interface BlockWithSeal {
  readonly header: Header;
  readonly commit: CommitSeal | null;
  readonly suffix?: readonly Header[] | undefined;
}

/** The headers from a block up to the first, itself or later, that has a commit certificate. */
export function linkedHeaders(blocks: Iterable<BlockWithSeal>): CommittedHeaders | undefined {
  const headers: Header[] = [];
  for (const { header, commit, suffix = [] } of blocks) {
    headers.push(header, ...suffix);
    if (headers.length > MAX_LINKED_HEADERS) return undefined;
    if (commit !== null) return { commit, headers };
  }
  return undefined;
}
