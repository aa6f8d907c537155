// One liar too many. With f+1 colluding seats two quorums need not share an honest seat, so the colluders can have
// both halves of the council decide different things. If the simulator did not find that, it would prove nothing.
import type { View } from '../../consensus/block.ts';
import { NO_EXCLUSIONS, RoundRobin } from '../../consensus/leaders.ts';
import { quorumOf } from '../../consensus/quorum.ts';
import { invariant } from '../../errors.ts';
import { allSeats } from '../../signing/seat-id.ts';
import { type Scenario, Stage } from './stage.ts';

export function colluders(seats: number): Scenario {
  return {
    name: `colluders-${seats}`,
    claim: `${quorumOf(seats).f + 1} colluding seats of ${seats} break agreement, and it is noticed`,
    mustBreak: true,
    run: (tracing) => {
      const { f, q } = quorumOf(seats);
      const view = 1 as View;
      const leader = new RoundRobin(quorumOf(seats)).leader(view, NO_EXCLUSIONS);
      invariant(leader !== undefined, 'somebody leads');
      const liars = [leader, ...allSeats(seats).filter((seat) => seat !== leader)].slice(0, f + 1);
      const stage = new Stage({ seats, byzantine: liars, network: 'calm', tracing });
      const { adversary, world } = stage;
      const half = Math.floor(world.honest.length / 2);
      invariant(half + liars.length >= q, 'each half has a quorum with the liars');
      world.network.filter = (from, to) => !world.isHonest(from) || sideOf(from) === sideOf(to);
      const sides = [world.honest.slice(0, half), world.honest.slice(half)].map((side) =>
        side.map(({ index }) => index),
      );
      const sideOf = (node: number): number => sides.findIndex((side) => side.includes(node));
      for (const side of sides) {
        const block = adversary.block(leader, view, adversary.genesis, [adversary.inventEntry()]);
        if (block === undefined) continue;
        adversary.say(adversary.proposal(leader, block, adversary.genesis, null), side);
        for (const phase of [1, 2] as const) {
          for (const liar of liars) {
            adversary.say(adversary.vote(liar, phase, view, block.header.height, block.digest), side);
          }
        }
      }
      stage.runFor(200);
      return stage;
    },
  };
}
