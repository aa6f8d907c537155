// Liars that lead: two blocks in one view, blocks on stale certificates, blocks shown to some only.
import type { Block, Entry, View } from '../../consensus/block.ts';
import type { Certificate, TimeoutCertificate } from '../../consensus/certificates.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { Adversary } from '../adversary.ts';

/** How far back a liar looks for certificates to stand on. */
const VIEWS_BACK = 12;
/** How late a liar still says something else about its block. */
const LATE_MS = 60;

interface Stand {
  readonly seat: SeatId;
  readonly view: View;
  readonly justify: Certificate;
  readonly timeouts: TimeoutCertificate | null;
}

/** A view that one of its seats leads, on a certificate that can be formed: the newest, or one picked blindly. */
export function findStand<State>(
  adversary: Adversary<State>,
  stale: boolean,
  given?: View,
): Stand | undefined {
  const { random, world, genesis } = adversary;
  const view = given ?? ((world.tap.maxView + random.between(-2, 1)) as View);
  if (view < 1) return undefined;
  const lowest = world.tap.maxView - VIEWS_BACK;
  const phase = random.chance(0.2) ? 2 : 1;
  const formable = [...adversary.certificates(phase, lowest).slice(0, 5), genesis];
  const justify = random.pick(stale ? formable : formable.slice(0, 2));
  if (justify.view >= view && random.chance(0.9)) return undefined;
  const seat = adversary.leader(view, justify.block);
  if (seat === undefined || !adversary.owns(seat)) return undefined;
  if (justify.view === view - 1) return { seat, view, justify, timeouts: null };
  const timeouts = adversary.timeoutCertificate((view - 1) as View);
  if (timeouts === undefined && random.chance(0.9)) return undefined;
  return { seat, view, justify, timeouts: timeouts ?? null };
}

function payload<State>({ random, world, inventEntry }: Adversary<State>): Entry[] {
  const known = [...world.tap.entries.values()];
  const draw = random.fraction();
  if (draw < 0.3) return [];
  if (draw < 0.6 && known.length > 0) return random.sample(known, random.between(1, 2)); // often already ordered
  if (draw < 0.65 && known[0] !== undefined) return [known[0], known[0]];
  return [inventEntry()];
}

export function buildOn<State>(
  adversary: Adversary<State>,
  { seat, view, justify }: Stand,
): Block | undefined {
  const laterMs = adversary.random.pick([1, 1, 1, 50, 1_000]);
  const block = adversary.block(seat, view, justify, payload(adversary), laterMs);
  return block ?? adversary.block(seat, view, justify, [adversary.inventEntry()], laterMs);
}

/** Proposes one block to some, and another, on the same or another certificate, to the others. */
export function equivocate<State>(adversary: Adversary<State>): void {
  const stand = findStand(adversary, false);
  const block = stand && buildOn(adversary, stand);
  if (stand === undefined || block === undefined) return;
  const fooled = adversary.someVictims();
  adversary.say(adversary.proposal(stand.seat, block, stand.justify, stand.timeouts), fooled);
  const other = findStand(adversary, true, stand.view) ?? stand;
  const second = buildOn(adversary, other);
  if (second === undefined) return;
  const rest = adversary.victims.filter((victim) => !fooled.includes(victim));
  const audience = rest.length > 0 ? rest : adversary.someVictims();
  adversary.say(adversary.proposal(other.seat, second, other.justify, other.timeouts), audience);
}

/** Stands on an old certificate, with the timeout certificate that admits as much as can be had. */
export function justifyStale<State>(adversary: Adversary<State>): void {
  const stand = findStand(adversary, true);
  const block = stand && buildOn(adversary, stand);
  if (stand === undefined || block === undefined) return;
  adversary.say(adversary.proposal(stand.seat, block, stand.justify, stand.timeouts));
}

/** Leads as it should, but shows its block to a bare few. */
export function proposeToSome<State>(adversary: Adversary<State>): void {
  const stand = findStand(adversary, false);
  const block = stand && buildOn(adversary, stand);
  if (stand === undefined || block === undefined) return;
  const { q } = adversary.world.quorum;
  const audience = adversary.random.sample(adversary.victims, Math.max(1, q - adversary.seats.length));
  adversary.say(adversary.proposal(stand.seat, block, stand.justify, stand.timeouts), audience);
}

/** Its block does not execute, or not to the ledger it names: entries ordered before, doubled or forged. */
export function proposeFalsehood<State>(adversary: Adversary<State>): void {
  const stand = findStand(adversary, false);
  if (stand === undefined) return;
  const { seat, view, justify, timeouts } = stand;
  const block = adversary.falseBlock(seat, view, justify, payload(adversary));
  if (block !== undefined) adversary.say(adversary.proposal(seat, block, justify, timeouts));
}

/** Stands on one block and shows the certificate of another. */
export function justifyByAnother<State>(adversary: Adversary<State>): void {
  const stand = findStand(adversary, false);
  const other = stand && findStand(adversary, true, stand.view);
  const block = other && buildOn(adversary, other);
  if (stand === undefined || block === undefined) return;
  adversary.say(adversary.proposal(stand.seat, block, stand.justify, stand.timeouts));
}

/** Says the same with a body that is not the one the header names: before the right one, with it, or after. */
export function swapBody<State>(adversary: Adversary<State>): void {
  const { random, world } = adversary;
  const stand = findStand(adversary, false);
  const block = stand && buildOn(adversary, stand);
  if (stand === undefined || block === undefined) return;
  const wrong = { ...block, entries: [...block.entries, adversary.inventEntry()] };
  const right = adversary.proposal(stand.seat, block, stand.justify, stand.timeouts);
  adversary.say({ ...right, block: wrong });
  adversary.say(right, adversary.victims);
  for (let i = random.between(0, 3); i > 0; i--) {
    world.after(random.between(1, LATE_MS), () => adversary.say({ ...right, block: wrong }));
  }
}

/** Proposes in a view that an honest seat leads, in its own name or, without its key, in the leader's. */
export function usurp<State>(adversary: Adversary<State>): void {
  const { random, world, genesis } = adversary;
  const [justify = genesis] = adversary.certificates(1, world.tap.maxView - VIEWS_BACK);
  const view = (justify.view + 1) as View;
  const leader = adversary.leader(view, justify.block);
  if (leader === undefined || adversary.owns(leader)) return;
  const own = random.pick(adversary.seats);
  const forges = random.chance(0.5);
  const block = adversary.block(forges ? leader : own, view, justify, payload(adversary));
  if (block === undefined) return;
  const proposal = adversary.proposal(own, block, justify, null);
  adversary.say(forges ? { ...proposal, seat: leader } : proposal);
}
