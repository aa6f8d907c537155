// A group that acts as one and has the network's ear: when one of them leads, they part the honest seats in two,
// hold up everything between the halves, and give each half a block of its own with the votes of them all.
import type { View } from '../../consensus/block.ts';
import type { Adversary } from '../adversary.ts';
import { buildOn, findStand } from './leading.ts';

/** How long the halves are kept apart. Then each learns what the other did. */
const APART_MS = 60;

export function splitInTwo<State>(adversary: Adversary<State>): void {
  const { world, victims, random } = adversary;
  if (!world.network.weather.yielding || world.network.wall !== undefined) return;
  const view = (world.tap.maxView + random.between(0, 1)) as View;
  const stand = findStand(adversary, false, view);
  if (stand === undefined) return;
  const order = random.shuffled(victims);
  const middle = Math.floor(order.length / 2);
  const halves = [order.slice(0, middle), order.slice(middle)];
  world.network.wall = new Map(halves.flatMap((half, side) => half.map((node) => [node, side] as const)));
  world.after(APART_MS, () => {
    world.network.wall = undefined;
  });
  for (const half of halves) {
    const block = buildOn(adversary, stand);
    if (block === undefined) continue;
    adversary.say(adversary.proposal(stand.seat, block, stand.justify, stand.timeouts), half);
    for (const phase of [1, 2] as const) {
      for (const seat of adversary.seats) {
        adversary.say(adversary.vote(seat, phase, view, block.header.height, block.digest), half);
      }
    }
  }
}
