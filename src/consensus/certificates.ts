// Certificates: what q seats signed together. One that verifies is a fact; a second copy of a known fact is
// not checked again but replaced by the copy already checked (protocol 3.4–3.6).
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { NOBODY } from './bench.ts';
import type { Block, Height, View } from './block.ts';
import { GENESIS_HEIGHT, GENESIS_VIEW } from './block.ts';
import { MAX_KNOWN_CERTIFICATES } from './limits.ts';
import type { Quorum } from './quorum.ts';
import type { Signature, Statement, StatementVerifier } from './statements.ts';

export interface SeatSignature {
  readonly seat: SeatId;
  readonly signature: Signature;
}

/**
 * q votes of one phase for one block (protocol 3.4, 3.5). What an epoch starts from is an implicit one, unsigned:
 * genesis, of view 0, or the block that ended the epoch before (protocol 6.1).
 */
export interface Certificate {
  readonly kind: 'prepare' | 'commit';
  readonly epoch: Epoch;
  readonly view: View;
  readonly height: Height;
  readonly block: Digest;
  /** by ascending seat */
  readonly signatures: readonly SeatSignature[];
}

export interface TimeoutReport extends SeatSignature {
  readonly prepareView: View;
}

/** q timeouts of one view, with the one highest prepare certificate they report (protocol 3.6). */
export interface TimeoutCertificate {
  readonly epoch: Epoch;
  readonly view: View;
  /** by ascending seat */
  readonly reports: readonly TimeoutReport[];
  readonly high: Certificate;
}

/** Where the block stands that an epoch starts from. */
export interface EpochStart {
  readonly view: View;
  readonly height: Height;
}

const GENESIS_START: EpochStart = { view: GENESIS_VIEW, height: GENESIS_HEIGHT };

export function genesisCertificate(
  kind: Certificate['kind'],
  epoch: Epoch,
  genesis: Digest,
  { view, height } = GENESIS_START,
): Certificate {
  return { kind, epoch, view, height, block: genesis, signatures: [] };
}

export function votedStatement(certificate: Omit<Certificate, 'signatures'>): Statement {
  const { epoch, view, height, block } = certificate;
  return { kind: certificate.kind === 'prepare' ? 'vote-1' : 'vote-2', epoch, view, height, block };
}

/** Is the certificate the one of the block's parent, from an earlier view? (protocol 3.2) */
export function justifies({ block, height, view }: Certificate, { header }: Pick<Block, 'header'>): boolean {
  return header.parent === block && header.height === height + 1 && view < header.view;
}

/** The highest prepare view a timeout certificate reports. */
export function highestReported({ reports }: TimeoutCertificate): View {
  return Math.max(GENESIS_VIEW, ...reports.map(({ prepareView }) => prepareView)) as View;
}

export interface CertificateRules {
  readonly epoch: Epoch;
  readonly quorum: Quorum;
  /** the block that the epoch starts from, and where it stands if it is not the genesis of the first */
  readonly genesis: Digest;
  readonly start?: EpochStart;
  readonly vacant?: ReadonlySet<SeatId>;
}

/** Ascending, so that no seat counts twice, and chairs of this council that somebody sits in. */
function distinctSeats(
  signatures: readonly SeatSignature[],
  { quorum: { n }, vacant = NOBODY }: CertificateRules,
): boolean {
  let last = 0;
  for (const { seat } of signatures) {
    if (seat <= last || seat > n) return false;
    if (vacant.has(seat)) return false; // protocol 5.2
    last = seat;
  }
  return true;
}

export function certificateHolds(
  certificate: Certificate,
  rules: CertificateRules,
  verifier: StatementVerifier,
): boolean {
  if (certificate.epoch !== rules.epoch) return false;
  const { view, height } = rules.start ?? GENESIS_START;
  if (certificate.view <= view) {
    return (
      certificate.view === view &&
      certificate.block === rules.genesis &&
      certificate.height === height &&
      certificate.signatures.length === 0
    );
  }
  if (certificate.signatures.length < rules.quorum.q) return false;
  if (!distinctSeats(certificate.signatures, rules)) return false;
  const statement = votedStatement(certificate);
  return certificate.signatures.every(({ seat, signature }) => verifier.verify(seat, statement, signature));
}

/** Checks certificates and remembers, within bounds, which facts are already proven. */
export class CertificateBook {
  readonly #rules: CertificateRules;
  readonly #verifier: StatementVerifier;
  readonly #known = new Map<string, Certificate>();
  readonly #timeouts = new WeakSet<TimeoutCertificate>();

  constructor(rules: CertificateRules, verifier: StatementVerifier) {
    this.#rules = rules;
    this.#verifier = verifier;
  }

  /** The checked copy of what the certificate says, or undefined when it does not hold. */
  accept(certificate: Certificate): Certificate | undefined {
    const key = factOf(certificate);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (!certificateHolds(certificate, this.#rules, this.#verifier)) return undefined;
    this.#known.set(key, certificate);
    if (this.#known.size > MAX_KNOWN_CERTIFICATES) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    return certificate;
  }

  /** The same with its highest certificate replaced by the checked copy. */
  acceptTimeout(certificate: TimeoutCertificate): TimeoutCertificate | undefined {
    if (this.#timeouts.has(certificate)) return certificate;
    const { epoch, view, reports } = certificate;
    if (epoch !== this.#rules.epoch || reports.length < this.#rules.quorum.q) return undefined;
    if (!distinctSeats(reports, this.#rules)) return undefined;
    // protocol 3.6: the one attached certificate is the highest that anyone signed for
    if (certificate.high.view !== highestReported(certificate)) return undefined;
    const high = this.accept(certificate.high);
    if (high === undefined) return undefined;
    const all = reports.every(({ seat, prepareView, signature }) =>
      this.#verifier.verify(seat, { kind: 'timeout', epoch, view, prepareView }, signature),
    );
    if (!all) return undefined;
    const checked = high === certificate.high ? certificate : { ...certificate, high };
    this.#timeouts.add(checked);
    return checked;
  }
}

/** Two certificates with the same fact differ only in who signed it; either proves it. */
function factOf(c: Certificate): string {
  return `${c.kind}/${c.epoch}/${c.view}/${c.height}/${c.block}`;
}
