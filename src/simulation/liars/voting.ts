// Liars that vote: for everything, in every phase, after giving up, and with timeouts that do not hold.
import type { View } from '../../consensus/block.ts';
import type { Phase } from '../../consensus/statements.ts';
import type { Adversary } from '../adversary.ts';

/** Votes for every block it hears of, in both phases. */
export function voteForAll<State>(adversary: Adversary<State>): void {
  const { tap } = adversary.world;
  for (let view = tap.maxView + 1; view > Math.max(0, tap.maxView - 3); view--) {
    for (const phase of [1, 2] as const) voteIn(adversary, phase, view as View);
  }
}

function voteIn<State>(adversary: Adversary<State>, phase: Phase, view: View): void {
  const { tap } = adversary.world;
  const blocks = new Set([...tap.votes(1, view).keys(), ...tap.votes(2, view).keys()]);
  for (const block of blocks) {
    const height = tap.blocks.get(block)?.header.height;
    if (height === undefined || adversary.random.chance(0.5)) continue;
    const audience = adversary.someVictims();
    for (const seat of adversary.seats) {
      if (adversary.random.chance(0.8))
        adversary.say(adversary.vote(seat, phase, view, height, block), audience);
    }
  }
}

/** Gives up views, also such as are far ahead, and reports certificates that it has or has not. */
export function giveUp<State>(adversary: Adversary<State>): void {
  const { random, world, genesis } = adversary;
  const view = (world.tap.maxView + random.pick([-1, 0, 0, 0, 1, 2, 50])) as View;
  if (view < 1) return;
  const formable = [genesis, ...adversary.certificates(1, world.tap.maxView - 8).slice(0, 3)];
  const audience = adversary.someVictims();
  for (const seat of adversary.seats) {
    const prepare = random.pick(formable);
    const lie = random.chance(0.15) ? random.pick([-1, 1, 5, 1_000]) : 0;
    const prepareView = Math.max(0, prepare.view + lie) as View;
    adversary.say(adversary.timeout(seat, view, prepareView, prepare), audience);
  }
}

/** Gives up a view before everybody, then votes in it all the same. */
export function voteAfterTimeout<State>(adversary: Adversary<State>): void {
  const { world, genesis, random } = adversary;
  const view = world.tap.maxView;
  if (view < 1) return;
  const lock = random.chance(0.5) ? genesis : (adversary.certificates(1, view - 4)[0] ?? genesis);
  for (const seat of adversary.seats) adversary.say(adversary.timeout(seat, view, lock.view, lock));
  voteIn(adversary, 1, view);
  voteIn(adversary, 2, view);
}
