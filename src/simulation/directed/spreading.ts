// Scenarios about knowing what others know: laggards, restarts, entries and blocks that must get round (protocol
// 3.3, 3.9, 8.2).
import type { View } from '../../consensus/block.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { SIMULATED_PACE } from '../world.ts';
import { LONG_MS, type Scenario, Stage } from './stage.ts';

/** A node that comes back does not wait to be told: it asks. */
const restartAsks: Scenario = {
  name: 'restart-asks',
  claim: 'a node that restarts while all are idle learns what it missed sooner than from a heartbeat',
  run: (tracing) => {
    const pace = { ...SIMULATED_PACE, heartbeatMs: 100_000 };
    const stage = new Stage({ seats: 4, byzantine: [], network: 'calm', tracing, pace });
    stage.world.powerCut(stage.of(4), undefined);
    for (let i = 0; i < 5; i++) {
      stage.give(1, `e${i}`);
      stage.await(LONG_MS, () => stage.has(1, `e${i}`) && stage.has(2, `e${i}`), `entry ${i} is not decided`);
    }
    stage.runFor(500);
    stage.world.power(stage.of(4));
    stage.await(1_000, () => stage.has(4, 'e4'), 'it was not told');
    return stage;
  },
};

/** A leader shows its block to one honest seat only, and falls silent. */
const entryInProposal: Scenario = {
  name: 'entry-in-proposal',
  claim: 'an entry that one honest seat has seen in a proposal is decided, whatever becomes of the proposal',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [2], network: 'calm', tracing });
    const { adversary } = stage;
    const block = adversary.block(asSeatId(2), 1 as View, adversary.genesis, [stage.entry('seen')]);
    if (block !== undefined) stage.show(1, adversary.proposal(asSeatId(2), block, adversary.genesis, null));
    stage.await(LONG_MS, () => stage.allHave('seen'), 'the entry is forgotten');
    return stage;
  },
};

/** With one seat fewer than a quorum nothing may be decided, and nothing may be lost either. */
const oneTooFew: Scenario = {
  name: 'one-too-few',
  claim: 'with 12 of 33 dead nothing is decided; when one returns, it is',
  run: (tracing) => {
    const pace = { viewMs: 200, maxViewMs: 2_000, resendMs: 200, heartbeatMs: 1_000 };
    const stage = new Stage({ seats: 33, byzantine: [], network: 'calm', tracing, pace });
    const { world } = stage;
    const dead = world.nodes.slice(0, 12);
    for (const node of dead) world.powerCut(node, undefined);
    const alive = (): boolean =>
      world.nodes.filter(({ up }) => up).every(({ engine }) => engine?.state.done.has('wanted') ?? false);
    stage.give(33, 'wanted');
    stage.runFor(3_000);
    stage.expect(
      world.nodes.every(({ disk }) => disk.committed.length === 0),
      '21 of 33 decided something',
    );
    world.power(world.node(0));
    stage.await(LONG_MS, alive, 'a quorum is back and decides nothing');
    return stage;
  },
};

/** A node is cut off while the others decide and fall idle. Only heartbeats can tell it. */
const laggard: Scenario = {
  name: 'laggard',
  claim: 'a node that was cut off catches up from an idle council, a long chain included',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [], network: 'calm', tracing });
    const { world } = stage;
    world.network.filter = (from, to) => from !== 3 && to !== 3;
    for (let i = 0; i < 200; i++) {
      stage.give(1, `e${i}`);
      stage.await(LONG_MS, () => stage.has(1, `e${i}`), `entry ${i} is not decided`);
    }
    stage.runFor(500);
    world.network.filter = undefined;
    stage.await(3_000, () => stage.has(4, 'e199'), 'the laggard never learns what was decided');
    return stage;
  },
};

/**
 * A liar shows one block again and again, each time on the certificate of another block that was committed long ago.
 * Nobody keeps those bodies at hand; asking for them must not keep a node from asking for one that it needs.
 */
const floodedWants: Scenario = {
  name: 'flooded-wants',
  claim: 'a node that a liar had ask for long committed blocks still gets the block that it lacks',
  run: (tracing) => {
    const stage = new Stage({ seats: 7, byzantine: [7], network: 'calm', tracing });
    const { adversary, world } = stage;
    for (let i = 0; i < 150; i++) {
      stage.give(1, `e${i}`);
      stage.await(LONG_MS, () => stage.allHave(`e${i}`), `entry ${i} is not decided`);
    }
    stage.runFor(500);
    const liar = asSeatId(7);
    const view = stage.view(3) as View;
    const old = adversary.certificates(1, 1).reverse().slice(0, 80);
    const block = adversary.block(liar, view, old[0] ?? adversary.genesis, [adversary.inventEntry()]);
    if (block === undefined || old.length < 80) {
      stage.expect(false, 'the scenario did not come about');
      return stage;
    }
    for (const justify of old) stage.show(3, adversary.proposal(liar, block, justify, null));
    world.network.filter = (from, to) => from !== 2 && to !== 2;
    stage.give(1, 'missed');
    stage.await(LONG_MS, () => stage.has(1, 'missed') && stage.has(2, 'missed'), 'the others do not decide');
    stage.runFor(500);
    world.network.filter = undefined;
    stage.await(5_000, () => stage.has(3, 'missed'), 'the node never gets the block that it lacks');
    return stage;
  },
};

export const SPREADING_SCENARIOS: readonly Scenario[] = [
  restartAsks,
  entryInProposal,
  oneTooFew,
  laggard,
  floodedWants,
];
