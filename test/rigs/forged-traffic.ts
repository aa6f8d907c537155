// What somebody who owns the network puts into it by hand: he reads what nodes say to each other while they order,
// and says it again with another seat, another block, a certificate that nobody signed (protocol 8.1).
import { type Block, type Height, type View, viewAfter } from '../../src/consensus/block.ts';
import type { Certificate } from '../../src/consensus/certificates.ts';
import type { Message, Proposal, Status, Timeout, Vote } from '../../src/consensus/messages.ts';
import { signature } from '../../src/consensus/wire-fields.ts';
import {
  decodePeerMessage,
  type Endorsements,
  encodeEndorsements,
  encodeOrdering,
} from '../../src/node/peer-message.ts';
import { toBase64 } from '../../src/signing/bytes.ts';
import { digestOf } from '../../src/signing/digest.ts';
import { asSeatId, type SeatId } from '../../src/signing/seat-id.ts';

/** Each true message said falsely, in every way that could matter; none where it is of no such kind. */
export function forgeriesOf(bytes: Uint8Array, seats: number): readonly Uint8Array[] {
  const said = decodePeerMessage(bytes);
  if (said.kind === 'endorsements') return endorsementsFrom(said, seats).map(encodeEndorsements);
  return messagesFrom(said.message, seats).map(encodeOrdering);
}

function messagesFrom(message: Message, seats: number): readonly Message[] {
  switch (message.kind) {
    case 'vote':
      return votesFrom(message, seats);
    case 'proposal':
      return proposalsFrom(message, seats);
    case 'timeout':
      return timeoutsFrom(message, seats);
    case 'status': {
      const commit = unsigned(ahead(message.commit), seats, 'commit');
      const prepare = unsigned(ahead(message.prepare), seats, 'prepare');
      return [
        { ...message, commit },
        { ...message, prepare },
        { ...message, view: viewAfter(viewAfter(message.view)), prepare, commit },
        { kind: 'blocks', blocks: [], commit },
        // What is said of a view that is over is not even looked at; this is said of the one they are in.
        ...presentVotes(message, seats),
        ...presentTimeouts(message, seats),
      ];
    }
    case 'blocks':
    case 'entries':
    case 'blocks-wanted':
      return [];
    default:
      return message satisfies never;
  }
}

function votesFrom(vote: Vote, seats: number): readonly Message[] {
  const block = digestOf('another block');
  return [
    { ...vote, seat: another(vote.seat, seats) },
    { ...vote, block },
    { ...vote, view: viewAfter(vote.view) },
    { ...vote, phase: vote.phase === 1 ? 2 : 1 },
    // As many votes as a quorum needs, from everybody, by one signature.
    ...everySeat(seats).map((seat) => ({ ...vote, block, seat })),
  ];
}

function presentVotes({ view, commit }: Status, seats: number): readonly Vote[] {
  const { epoch, height } = commit;
  const block = digestOf('a block that nobody proposed');
  const vote = { kind: 'vote', epoch, view, height, block, signature: SIGNED_BY_NOBODY } as const;
  return everySeat(seats).flatMap((seat) => [
    { ...vote, seat, phase: 1 },
    { ...vote, seat, phase: 2 },
  ]);
}

function presentTimeouts({ view, prepare }: Status, seats: number): readonly Timeout[] {
  const { epoch, view: prepareView } = prepare;
  const timeout = {
    kind: 'timeout',
    epoch,
    view,
    prepareView,
    prepare,
    signature: SIGNED_BY_NOBODY,
  } as const;
  return everySeat(seats).map((seat) => ({ ...timeout, seat }));
}

function proposalsFrom(proposal: Proposal, seats: number): readonly Message[] {
  const { block } = proposal;
  const other = { ...block, header: { ...block.header, timeMs: block.header.timeMs + 1 } };
  return [
    { ...proposal, seat: another(proposal.seat, seats) },
    { ...proposal, block: other },
    { ...proposal, block: { ...other, digest: digestOf(other.header) } },
    { ...proposal, block: { ...block, entries: [] } },
    { kind: 'blocks', blocks: [other], commit: unsigned(certifying(block), seats, 'commit') },
    { kind: 'blocks', blocks: [block], commit: unsigned(certifying(block), seats, 'commit') },
  ];
}

function timeoutsFrom(timeout: Timeout, seats: number): readonly Message[] {
  return [
    { ...timeout, seat: another(timeout.seat, seats) },
    { ...timeout, view: viewAfter(viewAfter(timeout.view)) },
    { ...timeout, prepare: unsigned(ahead(timeout.prepare), seats, 'prepare') },
  ];
}

function endorsementsFrom({ endorsements, ...rest }: Endorsements, seats: number): readonly Endorsements[] {
  return [
    { ...rest, endorsements: endorsements.map((one) => ({ ...one, seat: another(one.seat, seats) })) },
    { ...rest, caseId: digestOf('another case'), endorsements },
  ];
}

const everySeat = (seats: number): readonly SeatId[] =>
  Array.from({ length: seats }, (_, i) => asSeatId(i + 1));
const another = (seat: SeatId, seats: number): SeatId => asSeatId((seat % seats) + 1);

const SIGNED_BY_NOBODY = signature(toBase64(new Uint8Array(64).fill(7)));

function unsigned(certificate: Certificate, seats: number, kind: Certificate['kind']): Certificate {
  const signatures = everySeat(seats).map((seat) => ({ seat, signature: SIGNED_BY_NOBODY }));
  return { ...certificate, kind, signatures };
}

function certifying({ digest, header: { epoch, view, height } }: Block): Certificate {
  return { kind: 'commit', epoch, view, height, block: digest, signatures: [] };
}

function ahead(certificate: Certificate): Certificate {
  return {
    ...certificate,
    view: (certificate.view + 3) as View,
    height: (certificate.height + 2) as Height,
    block: digestOf('a block that nobody proposed'),
  };
}
