// Certificates: what q seats signed together. One that verifies is a fact; a second copy of a known fact is
// not checked again but replaced by the copy already checked (protocol 3.4–3.6).
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Block, Height, View } from './block.ts';
import { GENESIS_HEIGHT, GENESIS_VIEW } from './block.ts';
import { MAX_KNOWN_CERTIFICATES } from './limits.ts';
import type { Quorum } from './quorum.ts';
import type { Signature, Statement, StatementVerifier } from './statements.ts';

export interface SeatSignature {
  readonly seat: SeatId;
  readonly signature: Signature;
}

/** q votes of one phase for one block (protocol 3.4, 3.5). Genesis is an implicit one of view 0, unsigned. */
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

export function genesisCertificate(kind: Certificate['kind'], epoch: Epoch, genesis: Digest): Certificate {
  return { kind, epoch, view: GENESIS_VIEW, height: GENESIS_HEIGHT, block: genesis, signatures: [] };
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
  readonly genesis: Digest;
}

/** Ascending, so that no seat counts twice, and chairs of this council. */
function distinctSeats(signatures: readonly SeatSignature[], n: number): boolean {
  let last = 0;
  for (const { seat } of signatures) {
    if (seat <= last || seat > n) return false;
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
  if (certificate.view === GENESIS_VIEW) {
    return (
      certificate.block === rules.genesis &&
      certificate.height === GENESIS_HEIGHT &&
      certificate.signatures.length === 0
    );
  }
  if (certificate.signatures.length < rules.quorum.q) return false;
  if (!distinctSeats(certificate.signatures, rules.quorum.n)) return false;
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
    if (!distinctSeats(reports, this.#rules.quorum.n)) return undefined;
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
