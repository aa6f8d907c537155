// Lies told to clients and about dossiers: receipts for what was never kept, openings that were never committed, cases that
// were never decided. A client must believe none of it, and a node that lacks a dossier must still find it elsewhere.
import { randomBytes } from 'node:crypto';
import { caseIdOf } from '../../src/council/case.ts';
import { receiptMessage } from '../../src/council/entry.ts';
import type { Founding } from '../../src/council/genesis.ts';
import { type Answer, decodeAsked, encodeAnswered, type Question } from '../../src/node/desk/desk-message.ts';
import { decodeDossierMessage, encodeDossierMessage } from '../../src/node/dossiers/dossier-message.ts';
import { toBase64 } from '../../src/signing/bytes.ts';
import { type Digest, digestOf } from '../../src/signing/digest.ts';
import type { SeatId } from '../../src/signing/seat-id.ts';
import type { Random } from '../../src/simulation/random.ts';
import type { Transport } from '../../src/transport/transport.ts';

export interface ClientLiesOptions {
  readonly founding: Founding;
  readonly seats: readonly SeatId[];
}

export interface ClientLiesDependencies {
  readonly desk: Transport;
  readonly dossiers: Transport;
  readonly random: Random;
  readonly sign: (seat: SeatId, message: Uint8Array) => string;
  readonly count: (lie: string) => void;
}

/** What comes that cannot be read is passed over: others may be lying too. */
function whatCanBeRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

export function lieToClients(options: ClientLiesOptions, dependencies: ClientLiesDependencies): void {
  const { desk, dossiers, random, count } = dependencies;
  desk.onMessage((from, bytes) => {
    const asked = whatCanBeRead(() => decodeAsked(bytes));
    if (asked === undefined || random.chance(0.1)) return;
    // Now and then two answers to one question.
    for (let i = random.chance(0.2) ? 2 : 1; i > 0; i--) {
      count(`falseAnswer:${asked.ask.kind}`);
      desk.send(from, encodeAnswered({ id: asked.id, answer: falseAnswer(asked.ask, random) }));
    }
  });
  dossiers.onMessage((from, bytes) => {
    const message = whatCanBeRead(() => decodeDossierMessage(bytes));
    if (message === undefined) return;
    if (message.kind === 'offered') {
      count('falseReceipts');
      const { epoch } = message.body;
      const { councilId } = options.founding;
      const caseId = caseIdOf(message.body.case);
      const signed = receiptMessage(caseId, { councilId, epoch });
      const receipts = options.seats.map((seat) => ({ seat, sig: dependencies.sign(seat, signed) }));
      // Some with a seat that is another's, or twice.
      const [first] = receipts;
      if (first !== undefined && random.chance(0.3)) receipts.push({ ...first, seat: 1 as SeatId }, first);
      dossiers.send(from, encodeDossierMessage({ kind: 'held', body: { caseId, epoch, receipts } }));
    }
    if (message.kind === 'wanted' || message.kind === 'pieces') {
      count('falsePieces');
      const parcel = digestOf(`no parcel ${random.bits()}`);
      const piece = { kind: 'piece', parcel, index: 0, bytes: new Uint8Array(randomBytes(1_000)) } as const;
      dossiers.send(from, encodeDossierMessage(piece));
    }
  });
}

function falseAnswer(asked: Question, random: Random): Answer {
  const height = random.pick([0, 7, 1_000_000]);
  const nothing = { kind: 'none', why: 'I would rather not say' } as const;
  if (random.chance(0.15)) return nothing;
  const caseId: Digest = 'caseId' in asked ? asked.caseId : digestOf('some case');
  const bytes = (length: number): string => toBase64(new Uint8Array(randomBytes(length)));
  switch (asked.kind) {
    case 'status':
      return { kind: 'status', status: '{"height":1000000,"why":"all is well"}' };
    case 'rosters':
      return {
        kind: 'rosters',
        rosters: bytes(300),
        epoch: 1 as Extract<Answer, { kind: 'rosters' }>['epoch'],
        height,
      };
    case 'attempts':
      return {
        kind: 'attempts',
        caseIds: random.chance(0.5) ? [] : [digestOf('an attempt that never was')],
        epoch: 1 as Extract<Answer, { kind: 'attempts' }>['epoch'],
        height,
      };
    case 'case':
      return {
        kind: 'case',
        stands: random.pick(['unknown', 'filed', 'decided', 'certified'] as const),
        done: 33,
        of: 33,
        outcome: random.pick(['approved', 'rejected'] as const),
        basis: 'quorum',
        height,
      };
    case 'committed':
      return { kind: 'committed', leaf: bytes(500), proof: bytes(800) };
    case 'certificate':
      return { kind: 'certificate', certificate: bytes(2_000), proof: bytes(800) };
    case 'follow':
      return {
        kind: 'followed',
        leaves: [
          { height: 1, timeMs: 1, leaf: toBase64(new TextEncoder().encode(`{"caseId":"${caseId}"}`)) },
        ],
        certified: true,
      };
    case 'file':
      // Taken, and thrown away.
      return { kind: 'taken' };
    default:
      return nothing;
  }
}
