// Scenarios about progress: leaders that are passed over, timers, idleness, catching up (protocol 3.1, 3.7, 3.9).
import type { View } from '../../consensus/block.ts';
import { NO_EXCLUSIONS } from '../../consensus/leaders.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { SIMULATED_PACE } from '../world.ts';
import { LONG_MS, type Scenario, Stage } from './stage.ts';

/**
 * Nobody's proposals got through for six views; then a liar leads one good block and falls silent. All honest
 * seats led a gap view. Without a cap on exclusions only the liar would be left to lead.
 */
const exclusionCap: Scenario = {
  name: 'exclusion-cap',
  claim: 'after a gap that every honest seat has led a view of, an honest seat leads within f + 1 views',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [4], network: 'calm', tracing });
    const { adversary, world } = stage;
    let deaf = true;
    world.network.filter = (_, __, { kind }) => !deaf || (kind !== 'proposal' && kind !== 'status');
    stage.give(1, 'wanted');
    stage.await(LONG_MS, () => stage.honest.every((_, i) => stage.view(i + 1) >= 7), 'views do not change');
    deaf = false;
    const liar = asSeatId(4);
    const view = 7 as View; // round robin from view 1: seats 2 3 4 1 2 3, then 4
    const timeouts = adversary.timeoutCertificate(6 as View);
    const block = adversary.block(liar, view, adversary.genesis, [adversary.inventEntry()]);
    if (timeouts === undefined || block === undefined || world.tap.maxView > 7) {
      stage.expect(false, 'the scenario did not come about');
      return stage;
    }
    adversary.say(adversary.proposal(liar, block, adversary.genesis, timeouts), adversary.victims);
    for (const phase of [1, 2] as const) {
      const vote = adversary.vote(liar, phase, view, block.header.height, block.digest);
      adversary.say(vote, adversary.victims);
    }
    stage.await(LONG_MS, () => stage.allHave('wanted'), 'nothing is committed any more');
    const last = world.honest[0]?.disk.committed.at(-1)?.block.header.view ?? 0;
    const { f } = world.quorum;
    stage.expect(last <= view + f + 1, `it took until view ${last}: the liar was left to lead alone`);
    return stage;
  },
};

/** The leader of the next view saw the commit certificate but never the prepare certificate. */
const commitAsJustify: Scenario = {
  name: 'commit-as-justify',
  claim: 'a leader that knows only the commit certificate of a view proposes on it at once',
  run: (tracing) => {
    const leaders = {
      leads: (seat: number, view: number) => seat === (view % 4) + 1,
      after: () => NO_EXCLUSIONS,
    };
    const stage = new Stage({ seats: 4, byzantine: [], network: 'calm', tracing, leadersOf: () => leaders });
    const { world } = stage;
    const next = 2; // node of seat 3, leads view 2
    world.network.filter = (_, to, message) =>
      to !== next || !((message.kind === 'vote' && message.phase === 1) || message.kind === 'status');
    stage.give(1, 'first');
    stage.runFor(60);
    stage.give(1, 'second');
    stage.await(200, () => stage.allHave('second'), 'the second entry is not committed');
    stage.expect(world.tap.maxView === 2, 'the leader let its view pass');
    return stage;
  },
};

/** Real delays far above the base timer: the timers must grow past them and stay usable. */
const slowNetwork: Scenario = {
  name: 'slow-network',
  claim: 'with delays three times the base timer every entry is decided, and in few views',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [], network: 'calm', tracing });
    stage.world.network.weather.delayMs = [60, 120];
    for (let i = 0; i < 12; i++) {
      stage.give((i % 4) + 1, `e${i}`);
      stage.await(LONG_MS, () => stage.allHave(`e${i}`), `entry ${i} is not decided`);
      stage.runFor(2_000);
    }
    const views = stage.view(1);
    stage.expect(views < 100, `it took ${views} views for 12 entries`);
    return stage;
  },
};

/** A liar gives up every view at once. Alone it must not be able to hurry anybody. */
const impatientLiar: Scenario = {
  name: 'impatient-liar',
  claim: 'f seats that give up every view at once do not keep the others from deciding',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [4], network: 'calm', tracing });
    const { adversary, world } = stage;
    world.network.weather.delayMs = [3, 12];
    const liar = asSeatId(4);
    const hurry = (): void => {
      const view = Math.max(...stage.honest.map((_, i) => stage.view(i + 1))) as View;
      adversary.say(adversary.timeout(liar, view, 0 as View, adversary.genesis), adversary.victims);
      world.after(5, hurry);
    };
    hurry();
    for (let i = 0; i < 10; i++) {
      stage.give((i % 3) + 1, `e${i}`);
      stage.await(LONG_MS, () => stage.allHave(`e${i}`), `entry ${i} is not decided`);
    }
    const views = world.tap.maxView;
    stage.expect(views < 60, `it took ${views} views for 10 entries`);
    return stage;
  },
};

/** One entry, then silence: no empty blocks, no changes of view. */
const idleness: Scenario = {
  name: 'idleness',
  claim: 'an idle council makes no blocks, changes no views and says nothing but heartbeats',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [], network: 'calm', tracing });
    const { world } = stage;
    stage.give(1, 'only');
    stage.await(LONG_MS, () => stage.allHave('only'), 'the entry is not decided');
    stage.runFor(200);
    const [views, sent] = [stage.view(1), world.messagesSent];
    const idleMs = 5_000;
    stage.runFor(idleMs);
    stage.expect(stage.view(1) === views, 'views change although nothing is pending');
    stage.expect(
      stage.honest.every(({ disk }) => disk.committed.length === 1),
      'blocks are made for nothing',
    );
    const heartbeats = 4 * (idleMs / SIMULATED_PACE.heartbeatMs + 1);
    stage.expect(world.messagesSent - sent <= heartbeats, 'more is said than heartbeats');
    return stage;
  },
};

/** Nothing waits but a deadline, and its block must come by itself. */
const deadline: Scenario = {
  name: 'deadline',
  claim: 'a deadline makes its block although no entry waits',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [], network: 'calm', tracing });
    stage.give(1, 'e0@400');
    const acted = (): boolean => stage.honest.every(({ engine }) => engine?.state.size === 2);
    stage.await(LONG_MS, () => stage.allHave('e0'), 'the entry is not decided');
    stage.runFor(200);
    stage.expect(!acted(), 'the deadline acted early');
    stage.await(1_000, acted, 'the deadline passed and nothing happened');
    return stage;
  },
};

/** One seat is silent and an honest one gives up between its two votes: the block is certified, never decided alone. */
const uncertified: Scenario = {
  name: 'certified-not-committed',
  claim: 'a certified block whose commit certificate never formed is committed by a later one',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [4], network: 'calm', tracing });
    const { world } = stage;
    world.network.weather.delayMs = [5, 5];
    for (const seat of [1, 2, 3]) stage.give(seat, 'wanted');
    // Seat 3 gives up just after its vote 1, so vote 2 lacks one seat.
    world.after(6, () => stage.of(3).handle({ kind: 'timer', timer: 'view' }));
    stage.await(20_000, () => stage.allHave('wanted'), 'the block stays certified and uncommitted');
    const [first] = world.honest[0]?.disk.committed ?? [];
    stage.expect(first?.block.header.view === 1 && first.commit === null, 'the scenario did not come about');
    return stage;
  },
};

export const PROGRESS_SCENARIOS: readonly Scenario[] = [
  exclusionCap,
  commitAsJustify,
  slowNetwork,
  impatientLiar,
  idleness,
  deadline,
  uncertified,
];
