// Liars that forge: signatures of others, certificates nobody signed, malformed blocks, messages from another
// epoch or council, old messages again. None of it may have any effect.
import type { Block, View } from '../../consensus/block.ts';
import type { Certificate, TimeoutCertificate } from '../../consensus/certificates.ts';
import type { Message, Vote } from '../../consensus/messages.ts';
import type { Signature } from '../../consensus/statements.ts';
import type { Epoch } from '../../signing/purpose.ts';
import { allSeats, type SeatId } from '../../signing/seat-id.ts';
import type { Adversary } from '../adversary.ts';
import { statusOf } from './showing.ts';

const otherEpoch = (epoch: Epoch): Epoch => (epoch + 1) as Epoch;

/** A certificate for a real block, with enough signatures that are no such votes. */
function forgedCertificate<State>(adversary: Adversary<State>, { header, digest }: Block): Certificate {
  const { random, world } = adversary;
  const { q } = world.quorum;
  const kind = random.pick(['prepare', 'commit'] as const);
  const own = adversary.vote(
    random.pick(adversary.seats),
    kind === 'prepare' ? 1 : 2,
    header.view,
    header.height,
    digest,
  );
  const seats = random.sample(allSeats(world.quorum.n), q).sort((a, b) => a - b);
  const signatures = random.pick([
    () => seats.map((seat) => ({ seat, signature: own.signature })),
    () => seats.map(() => ({ seat: own.seat, signature: own.signature })), // one seat counted q times
    () => [],
  ])();
  const { epoch, view, height } = header;
  return { kind, epoch, view, height, block: digest, signatures };
}

export function forgeCertificates<State>(adversary: Adversary<State>): void {
  const { random, world, genesis } = adversary;
  const block = random.pickMaybe([...world.tap.blocks.values()].slice(-5));
  if (block === undefined) return;
  const certificate = forgedCertificate(adversary, block);
  const shown = certificate.kind === 'prepare' ? { prepare: certificate } : { commit: certificate };
  adversary.say(statusOf(adversary, shown));
  const reports = allSeats(world.quorum.q).map((seat) => ({
    seat,
    prepareView: genesis.view,
    signature: adversary.timeout(random.pick(adversary.seats), block.header.view, genesis.view, genesis)
      .signature,
  }));
  const { epoch } = adversary;
  const timeouts: TimeoutCertificate = { epoch, view: block.header.view, reports, high: genesis };
  adversary.say(statusOf(adversary, { timeoutCertificate: timeouts }));
}

/** Votes and timeouts in the name of honest seats; votes that name another height; impossible seats and views. */
export function forgeVotes<State>(adversary: Adversary<State>): void {
  const { random, world, genesis } = adversary;
  const block = random.pickMaybe([...world.tap.blocks.values()].slice(-3));
  if (block === undefined) return;
  const { view, height } = block.header;
  const own = adversary.vote(
    random.pick(adversary.seats),
    random.pick([1, 2] as const),
    view,
    height,
    block.digest,
  );
  const seat = random.pick(allSeats(world.quorum.n)) as SeatId;
  const forged: Vote[] = [
    { ...own, seat },
    { ...own, signature: `forged-${random.bits()}` as Signature },
    { ...own, phase: own.phase === 1 ? 2 : 1 },
    { ...own, view: (view + 1) as View },
    { ...own, view: Number.MAX_SAFE_INTEGER as View },
    { ...own, height: (height + 1) as typeof height },
    { ...own, seat: (world.quorum.n + 1) as SeatId },
    { ...own, epoch: otherEpoch(own.epoch) },
  ];
  for (const vote of forged) if (random.chance(0.3)) adversary.say(vote);
  if (seat !== own.seat) {
    const timeout = adversary.timeout(own.seat, view, genesis.view, genesis);
    adversary.say({ ...timeout, seat });
    adversary.say({ ...timeout, epoch: otherEpoch(timeout.epoch) });
  }
}

/** Blocks that are not what they say. */
export function malformBlocks<State>(adversary: Adversary<State>): void {
  const { random, world } = adversary;
  const proposal = random.pickMaybe(world.tap.proposals.slice(-4));
  if (proposal === undefined) return;
  const { block, justify, timeoutCertificate } = proposal;
  const seat = random.pick(adversary.seats);
  const bent = random.pick<Block>([
    { ...block, entries: [...block.entries, adversary.inventEntry()] },
    { ...block, header: { ...block.header, height: (block.header.height + 1) as Block['header']['height'] } },
    { ...block, header: { ...block.header, ledgerSize: block.header.ledgerSize + 1 } },
    { ...block, header: { ...block.header, proposer: seat } },
    { ...block, header: { ...block.header, timeMs: block.header.timeMs - 1_000 } },
  ]);
  const digest = random.chance(0.5)
    ? block.digest
    : world.dependencies.signatures.digestOfHeader(bent.header);
  const claimed = { ...bent, digest };
  adversary.say({ ...adversary.proposal(seat, claimed, justify, timeoutCertificate), block: claimed });
  adversary.say({ kind: 'blocks', blocks: [claimed], commit: null });
}

/** What was once said, again; and what is said elsewhere. */
export function replay<State>(adversary: Adversary<State>): void {
  const { random, world } = adversary;
  const { proposals, timeouts } = world.tap;
  const old = random.pickMaybe(proposals.slice(-6));
  if (old !== undefined) {
    adversary.say(old);
    adversary.say({ ...old, timeoutCertificate: null }); // its signature covers the block alone
    adversary.say({ ...old, justify: adversary.genesis });
  }
  const anyView = random.pickMaybe([...timeouts.values()].slice(-4));
  for (const timeout of anyView?.values() ?? []) adversary.say(timeout);
  if (old !== undefined) for (const message of elsewhere(adversary, old.block)) adversary.say(message);
}

/** The same keys in another council, where honest seats really signed this. */
function elsewhere<State>(
  { world, random, epoch, genesis }: Adversary<State>,
  { header, digest }: Block,
): Message[] {
  const seat = random.pick(allSeats(world.quorum.n));
  const abroad = world.dependencies.signatures.foreignSignerOf(seat);
  const view = (header.view + random.between(0, 1)) as View;
  const { height } = header;
  const vote = { epoch: header.epoch, view, height, block: digest };
  const timeout = { kind: 'timeout', epoch, view, prepareView: genesis.view } as const;
  return [
    { kind: 'vote', phase: 1, seat, ...vote, signature: abroad.sign({ kind: 'vote-1', ...vote }) },
    { kind: 'vote', phase: 2, seat, ...vote, signature: abroad.sign({ kind: 'vote-2', ...vote }) },
    { ...timeout, seat, prepare: genesis, signature: abroad.sign(timeout) },
  ];
}
