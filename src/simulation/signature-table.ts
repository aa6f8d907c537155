// Stand-in signatures and digests for simulated worlds: a table of what was signed. A signature is the number of
// a row that only the owner's signer can add, so nobody forges one, and checking costs a lookup. Digests are
// numbers given to contents in the order they appear: two contents never share one.
import type { Entry, Header } from '../consensus/block.ts';
import type { Signature, Statement, StatementSigner, StatementVerifier } from '../consensus/statements.ts';
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';

/** What a world needs of whoever checks its signatures: the header behind every digest it ever saw. */
export interface WorldSignatures extends StatementVerifier {
  signerOf(seat: SeatId): StatementSigner;
  /** one whose signatures are good in another council only (protocol 2.2) */
  foreignSignerOf(seat: SeatId): StatementSigner;
  headerOf(digest: Digest): Header | undefined;
}

interface Row {
  readonly seat: SeatId;
  readonly statement: Statement;
  readonly foreign: boolean;
}

export class SignatureTable implements WorldSignatures {
  readonly #rows = new Map<Signature, Row>();
  readonly #signed = new Map<string, Signature>();
  readonly #digests = new Interned();
  readonly #headers = new Map<Digest, Header>();

  signerOf(seat: SeatId): StatementSigner {
    return { sign: (statement) => this.#sign({ seat, statement, foreign: false }) };
  }

  foreignSignerOf(seat: SeatId): StatementSigner {
    return { sign: (statement) => this.#sign({ seat, statement, foreign: true }) };
  }

  verify(seat: SeatId, statement: Statement, signature: Signature): boolean {
    const row = this.#rows.get(signature);
    return row !== undefined && row.seat === seat && !row.foreign && sameStatement(row.statement, statement);
  }

  digestOfHeader(header: Header): Digest {
    const { epoch, view, height, parent, proposer, timeMs, payloadRoot, ledgerSize, ledgerRoot } = header;
    const key = `b${epoch},${view},${height},${parent},${proposer},${timeMs},${payloadRoot},${ledgerSize},${ledgerRoot}`;
    const digest = this.#digests.of(key);
    if (!this.#headers.has(digest)) this.#headers.set(digest, header);
    return digest;
  }

  payloadRoot(entries: readonly Entry[]): Digest {
    let key = 'p';
    for (const entry of entries) key += entry.digest;
    return this.#digests.of(key);
  }

  headerOf(digest: Digest): Header | undefined {
    return this.#headers.get(digest);
  }

  #sign(row: Row): Signature {
    const key = `${row.foreign ? 'x' : ''}${row.seat}/${keyOf(row.statement)}`;
    const earlier = this.#signed.get(key);
    if (earlier !== undefined) return earlier;
    const signature = signatureOfRow(this.#rows.size) as Signature;
    this.#signed.set(key, signature);
    this.#rows.set(signature, row);
    return signature;
  }
}

/** A row's number in the shape of a real signature: 64 bytes in padded base64. */
export function signatureOfRow(row: number): string {
  return `${String(row).padEnd(86, 'A')}==`;
}

/** Numbers texts as they come; the number, as 64 hex digits, stands for the text. */
export class Interned {
  readonly #known = new Map<string, Digest>();

  of(text: string): Digest {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const digest = (this.#known.size + 1).toString(16).padStart(8, '0').padEnd(64, '0') as Digest;
    this.#known.set(text, digest);
    return digest;
  }
}

function keyOf(s: Statement): string {
  switch (s.kind) {
    case 'proposal':
      return `p/${s.epoch}/${s.view}/${s.block}`;
    case 'vote-1':
    case 'vote-2':
      return `${s.kind}/${s.epoch}/${s.view}/${s.height}/${s.block}`;
    case 'timeout':
      return `t/${s.epoch}/${s.view}/${s.prepareView}`;
    default:
      return s satisfies never;
  }
}

function sameStatement(a: Statement, b: Statement): boolean {
  if (a.kind !== b.kind || a.epoch !== b.epoch || a.view !== b.view) return false;
  if (a.kind === 'timeout') return b.kind === 'timeout' && a.prepareView === b.prepareView;
  if (b.kind === 'timeout' || a.block !== b.block) return false;
  return a.kind === 'proposal' || b.kind === 'proposal' || a.height === b.height;
}
