// What a seat may sign while ordering, and who can check it. The bytes are built in one place, from the same
// few fields by signer and verifier; votes for one block share their bytes, so a certificate is a list of
// signatures over one statement (protocol 2.2, 3.4).
import { unreachable } from '../errors.ts';
import { utf8 } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Entry, Header, Height, View } from './block.ts';

export type Signature = string & { readonly brand: 'Signature' };

/** For what a signer made, in base64. */
export function asSignature(base64: string): Signature {
  return base64 as Signature;
}

export type Phase = 1 | 2;

export type Statement =
  | { readonly kind: 'proposal'; readonly epoch: Epoch; readonly view: View; readonly block: Digest }
  | {
      readonly kind: 'vote-1' | 'vote-2';
      readonly epoch: Epoch;
      readonly view: View;
      readonly height: Height;
      readonly block: Digest;
    }
  | { readonly kind: 'timeout'; readonly epoch: Epoch; readonly view: View; readonly prepareView: View };

/** Signs for one seat. Only the voting rules of that seat hold it. */
export interface StatementSigner {
  sign(statement: Statement): Signature;
}

/** Checks signatures and makes digests; the simulator brings a cheap one that only owners can satisfy. */
export interface StatementVerifier {
  verify(seat: SeatId, statement: Statement, signature: Signature): boolean;
  digestOfHeader(header: Header): Digest;
  payloadRoot(entries: readonly Entry[]): Digest;
}

/**
 * The exact bytes a seat signs (protocol 2.2): the canonical body after the prefix, in which the epoch stands, so
 * it is left out of the body. Spelled by hand, because every vote passes here several times; a test holds the
 * spelling against the canonical one.
 */
export function statementBytes(councilId: Digest, statement: Statement): Uint8Array {
  return utf8(`conclave/v1/${statement.kind}\0${councilId}\0${statement.epoch}\0${bodyText(statement)}`);
}

function bodyText(statement: Statement): string {
  switch (statement.kind) {
    case 'proposal':
      return `{"block":"${statement.block}","view":${statement.view}}`;
    case 'vote-1':
    case 'vote-2':
      return `{"block":"${statement.block}","height":${statement.height},"view":${statement.view}}`;
    case 'timeout':
      return `{"prepareView":${statement.prepareView},"view":${statement.view}}`;
    default:
      return unreachable(statement);
  }
}
