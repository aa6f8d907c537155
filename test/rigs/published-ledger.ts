// A council that keeps a ledger, for tests of ledger/: the chamber's cases executed in blocks, each committed by
// a quorum and published as files in a map. Decisions are certified by real keys; entries keep the chamber's
// stand-in signatures, and where a test wants many blocks, the commit signatures are stand-ins too.
import type { Entry, Header, Height, View } from '../../src/consensus/block.ts';
import { type Certificate, votedStatement } from '../../src/consensus/certificates.ts';
import { digestOfHeader, payloadRoot } from '../../src/consensus/digests.ts';
import { quorumOf } from '../../src/consensus/quorum.ts';
import { type Signature, statementBytes } from '../../src/consensus/statements.ts';
import { Council } from '../../src/council/council.ts';
import { type EntryFields, sealEntry } from '../../src/council/entry.ts';
import { type Founding, found } from '../../src/council/genesis.ts';
import type { CouncilRecord, Decision } from '../../src/council/records.ts';
import { type Roster, type RosterSeat, seatOf, sitterOf } from '../../src/council/roster.ts';
import { rosterInForce, rosterOf } from '../../src/council/state.ts';
import { Certifier, type SeatEndorsement } from '../../src/ledger/certify.ts';
import { CHECKPOINT_PATH, LOG_KEY_PATH, originOf, signCheckpoint } from '../../src/ledger/checkpoint.ts';
import { certifiedBytes, decisionLeaf, statementPayload } from '../../src/ledger/decision-statement.ts';
import { LedgerApplication, type LedgerState } from '../../src/ledger/executor.ts';
import { formatNoteKey, noteKey } from '../../src/ledger/note.ts';
import { logProof, treeHeadOf } from '../../src/ledger/prove.ts';
import {
  type PublishedBlock,
  PublishedBlocksWriter,
  publishedBlockOf,
} from '../../src/ledger/published-blocks.ts';
import { type EpochEnd, type RosterLink, rosterLink } from '../../src/ledger/roster-links.ts';
import { type Publication, TiledLog, TiledLogWriter } from '../../src/ledger/tiled-log.ts';
import type { LogRead } from '../../src/ledger/tiles.ts';
import { nobleBls } from '../../src/signing/bls.ts';
import { loadBlst } from '../../src/signing/bls-blst.ts';
import { type Bls, blsSecretFrom } from '../../src/signing/bls-rule.ts';
import { equalBytes, fromHex, toBase64, utf8 } from '../../src/signing/bytes.ts';
import { sha256 } from '../../src/signing/digest.ts';
import type { Ed25519 } from '../../src/signing/ed25519.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import type { Epoch } from '../../src/signing/purpose.ts';
import { allSeats, asSeatId, type SeatId } from '../../src/signing/seat-id.ts';
import { Chamber, testCharter, testRoster } from './chamber.ts';
import { newcomer } from './epochs.ts';

/** The fast backend where its binary is there: what is tested here is not the backend. */
export const bls: Bls = (await loadBlst()) ?? nobleBls;

export const LOG_SECRET = sha256(utf8('log key'));

interface SeatKeys {
  readonly ed25519: Uint8Array;
  readonly bls: Uint8Array;
  /** what the roster says of them */
  readonly shown: { readonly ed25519: string; readonly bls: string; readonly possession: string };
}

const known = new Map<string, SeatKeys>();
/** by the Ed25519 key that a roster shows */
const holders = new Map<string, SeatKeys>();

/** The same in every council of the rig: proving possession takes its time. */
function keysOf(name: string): SeatKeys {
  const found = known.get(name);
  if (found !== undefined) return found;
  const ed25519 = sha256(utf8(`ed25519 of ${name}`));
  const secret = blsSecretFrom(sha256(utf8(`bls of ${name}`)));
  const shown = {
    ed25519: toBase64(fastestEd25519.publicKeyOf(ed25519)),
    bls: toBase64(bls.publicKeyOf(secret)),
    possession: toBase64(bls.provePossession(secret)),
  };
  const keys = { ed25519, bls: secret, shown };
  known.set(name, keys);
  holders.set(shown.ed25519, keys);
  return keys;
}

/** Whoever sits, or sat, in a chair. */
function holderOf(roster: Roster, seat: SeatId): SeatKeys {
  const keys = holders.get(seatOf(roster, seat)?.ed25519 ?? '');
  if (keys === undefined) throw new Error(`nobody in the rig holds the key of seat ${seat}`);
  return keys;
}

/** A chair's next holder, with keys that can sign. */
export function newcomerWithKeys(seat: number, generation = 1): RosterSeat {
  return newcomer(seat, generation, keysOf(`seat ${seat} of generation ${generation}`).shown);
}

export function rosterWithKeys(n: number, base: Roster = testRoster(n)): Roster {
  return { ...base, seats: base.seats.map((chair) => ({ ...chair, ...keysOf(`seat ${chair.seat}`).shown })) };
}

export function foundingWithKeys(n: number, base?: Roster, charter = testCharter()): Founding {
  return found({ charter, roster: rosterWithKeys(n, base), createdMs: 1_000_000, nonce: 'cd'.repeat(32) });
}

/** One and the same for everything: for ledgers of so many entries that signing would take all the time. */
export const NO_SIGNATURE = new Uint8Array(64).fill(1);

export interface LedgerOptions {
  /** entries and commits carry `NO_SIGNATURE`, and nobody in the chamber minds */
  readonly unsigned?: boolean;
  /** signs commits */
  readonly signer?: Pick<Ed25519, 'sign'>;
  /** nobody in the chamber checks who holds a BLS key */
  readonly trusting?: boolean;
  /** one block in so many gets no commit certificate of its own */
  readonly uncertifiedEvery?: number;
}

export class LedgerChamber extends Chamber {
  readonly files = new Map<string, Uint8Array>();
  readonly read: LogRead = (path) => this.files.get(path);
  readonly headers: Header[] = [];
  /** how many empty blocks follow the next one that ends an epoch, the last of which is committed */
  suffix = 0;
  readonly #ends: EpochEnd[] = [];
  readonly #application: LedgerApplication;
  readonly #signer: Pick<Ed25519, 'sign'>;
  readonly #tiles = TiledLogWriter.empty();
  readonly #blocks = PublishedBlocksWriter.empty();
  readonly #published: PublishedBlock[] = [];
  #ledger: LedgerState;
  readonly #uncertifiedEvery: number;
  readonly #unsigned: boolean;

  constructor(
    founding: Founding,
    { unsigned = false, trusting = false, signer, uncertifiedEvery }: LedgerOptions = {},
  ) {
    super(founding.roster.seats.length, founding, trusting ? () => true : bls.verifyPossession);
    const council = unsigned ? new Council(founding, { verifySignature: () => true }) : this.council;
    this.#application = new LedgerApplication(council);
    this.#ledger = this.#application.genesis();
    this.#unsigned = unsigned;
    this.#signer = signer ?? (unsigned ? { sign: () => NO_SIGNATURE } : fastestEd25519);
    this.#uncertifiedEvery = uncertifiedEvery ?? Number.POSITIVE_INFINITY;
  }

  override seal(fields: EntryFields): Entry {
    if (!this.#unsigned) return super.seal(fields);
    return sealEntry(fields, this.founding.councilId, () => toBase64(NO_SIGNATURE));
  }

  override block(
    entries: readonly Entry[],
    afterMs = 1,
    proposer?: number,
  ): readonly CouncilRecord[] | undefined {
    const height = this.height + 1;
    const context = {
      epoch: this.state.epoch,
      view: (height * 2) as View,
      height: height as Height,
      proposer: asSeatId(proposer ?? (this.height % this.quorum.n) + 1),
      timeMs: this.timeMs + afterMs,
    };
    const executed = this.#application.execute(this.#ledger, context, entries);
    if (executed === undefined) return undefined;
    const { ledgerRoot, ledgerSize, leaves, leafHashes, records, state } = executed;
    const last = this.headers.at(-1);
    const header: Header = {
      ...context,
      parent: last === undefined ? this.founding.councilId : digestOfHeader(last),
      payloadRoot: payloadRoot(entries),
      ledgerSize,
      ledgerRoot,
    };
    const endsEpoch = this.#application.epochOf(state) !== header.epoch;
    const suffix = endsEpoch ? suffixOf(header, this.suffix) : [];
    const certified = endsEpoch || height % this.#uncertifiedEvery !== 0;
    const commit = certified ? this.commitOf(suffix.at(-1) ?? header) : null;
    const published = publishedBlockOf(header, entries.length, commit, quorumOf(this.quorum.n), suffix);
    if (endsEpoch) {
      const derived = leaves.slice(entries.length);
      this.#ends.push({ block: published, derived, roster: rosterInForce(state.council) });
    }
    this.#ledger = state;
    this.state = state.council;
    this.timeMs = context.timeMs;
    this.height = height;
    this.headers.push(header);
    this.#published.push(published);
    this.#blocks.append(published);
    this.#tiles.append(leaves, leafHashes);
    this.records.push(...records);
    return records;
  }

  /** By the roster of its epoch, unless said. */
  commitOf(header: Header, by?: Roster): Certificate {
    return this.#voted('commit', header, by);
  }

  preparedOf(header: Header): Certificate {
    return this.#voted('prepare', header);
  }

  /** As a node does it: tiles and blocks first, the checkpoint last, then what is outdated goes. */
  publish(signer: Ed25519 = fastestEd25519): void {
    const publications = [this.#tiles.publish(), this.#blocks.publish()];
    this.#write(publications);
    this.files.set(CHECKPOINT_PATH, this.checkpointOf(this.headers.at(-1), signer));
    this.files.set(LOG_KEY_PATH, utf8(`${this.logKey}\n`));
  }

  get logKey(): string {
    const { councilId } = this.founding;
    return formatNoteKey(noteKey(originOf(councilId), fastestEd25519.publicKeyOf(LOG_SECRET)));
  }

  checkpointOf(header: Header | undefined, signer: Ed25519 = fastestEd25519): Uint8Array {
    const { councilId } = this.founding;
    const { ledgerSize = 0, ledgerRoot = '' } = header ?? {};
    const checkpoint = { origin: originOf(councilId), size: ledgerSize, root: fromHex(ledgerRoot) };
    return signCheckpoint(checkpoint, LOG_SECRET, signer);
  }

  endorse(decision: Decision, seats?: readonly SeatId[]): SeatEndorsement[] {
    return this.endorsePayload(this.payloadOf(decision), seats, decision.epoch);
  }

  /** By those who sit in the epoch, the present one unless said. */
  endorsePayload(
    payload: Uint8Array,
    seats?: readonly SeatId[],
    epoch = this.state.epoch,
  ): SeatEndorsement[] {
    const message = certifiedBytes(payload);
    const roster = this.rosterOf(epoch);
    const sitting = allSeats(this.quorum.n).filter((seat) => sitterOf(roster, seat) !== undefined);
    return (seats ?? sitting).map((seat) => {
      const secrets = holderOf(roster, seat);
      return {
        seat,
        envelope: fastestEd25519.sign(secrets.ed25519, message),
        share: bls.sign(secrets.bls, message),
      };
    });
  }

  payloadOf(decision: Decision): Uint8Array {
    return statementPayload({ councilId: this.founding.councilId, decision });
  }

  certificateOf(decision: Decision, endorsements = this.endorse(decision)): Uint8Array {
    return this.certifyPayload(this.payloadOf(decision), endorsements, decision.epoch);
  }

  rosterOf(epoch: Epoch): Roster {
    const roster = rosterOf(this.state, epoch);
    if (roster === undefined) throw new Error(`no epoch ${epoch} yet`);
    return roster;
  }

  /** What admitted the rosters up to an epoch's. Publish first. */
  linksTo(epoch: Epoch): readonly RosterLink[] {
    const log = new TiledLog(this.headers.at(-1)?.ledgerSize ?? 0, this.read);
    return this.#ends.slice(0, epoch - 1).map((end) => rosterLink(end, log));
  }

  certifyPayload(
    payload: Uint8Array,
    endorsements: readonly SeatEndorsement[],
    epoch = this.state.epoch,
  ): Uint8Array {
    const { genesis, roster } = this.founding;
    const certifier = new Certifier(
      { genesis, roster, links: this.linksTo(epoch) },
      { ed25519: fastestEd25519, bls },
    );
    const { certificate } = certifier.certify(payload, endorsements);
    if (certificate === undefined) throw new Error('too few seats signed');
    return certificate;
  }

  /** The proof of a decision at the tree head of the block that decided it. Publish first. */
  proofOf(decision: Decision): Uint8Array {
    const blocks = this.#published.slice(decision.height - 1);
    const header = blocks[0]?.header;
    const log = new TiledLog(this.headers.at(-1)?.ledgerSize ?? 0, this.read);
    const leaf = decisionLeaf(decision);
    let index = (header?.ledgerSize ?? 0) - 1;
    while (!equalBytes(log.entry(index), leaf)) index -= 1;
    return logProof(index, log, this.checkpointOf(header), treeHeadOf(blocks, this.logKey));
  }

  #voted(kind: Certificate['kind'], header: Header, by?: Roster): Certificate {
    const { epoch, view, height } = header;
    const unsigned = { kind, epoch, view, height, block: digestOfHeader(header) };
    const message = statementBytes(this.founding.councilId, votedStatement(unsigned));
    const roster = by ?? this.rosterOf(epoch);
    const sitting = allSeats(this.quorum.n).filter((seat) => sitterOf(roster, seat) !== undefined);
    const signatures = sitting.slice(0, this.quorum.q).map((seat) => ({
      seat,
      signature: toBase64(this.#signer.sign(holderOf(roster, seat).ed25519, message)) as Signature,
    }));
    return { ...unsigned, signatures };
  }

  #write(publications: readonly Publication[]): void {
    for (const { files, outdated } of publications) {
      for (const { path, bytes } of files) this.files.set(path, bytes);
      for (const folder of outdated) {
        for (const path of this.files.keys()) if (path.startsWith(`${folder}/`)) this.files.delete(path);
      }
    }
  }
}

/** Empty blocks of the epoch that a block has ended, as they are made until it is committed (protocol 6.1). */
function suffixOf(last: Header, length: number): readonly Header[] {
  const headers: Header[] = [];
  for (let parent = last; headers.length < length; parent = headers.at(-1) ?? last) {
    headers.push({
      ...last,
      view: (parent.view + 1) as View,
      height: (parent.height + 1) as Height,
      parent: digestOfHeader(parent),
      timeMs: parent.timeMs + 1,
      payloadRoot: payloadRoot([]),
    });
  }
  return headers;
}
