// Scenarios about locks and the proof for a change of view (protocol 3.3, 3.4, 3.6).
import type { View } from '../../consensus/block.ts';
import { invariant } from '../../errors.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { statusOf } from '../liars/showing.ts';
import { LONG_MS, type Scenario, Stage } from './stage.ts';

/**
 * A lying leader completes its prepare certificate and shows it to one seat only; the others give up on the view
 * and report that they know nothing. The next, honest, leader cannot know of the hidden lock. Its block must be
 * voted for all the same, also by the locked seat: the timeout certificate proves that it is safe.
 */
const hiddenLock: Scenario = {
  name: 'hidden-lock',
  claim: 'an honest proposal succeeds although one honest seat holds a lock that nobody else knows',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [2], network: 'dead', tracing });
    const { adversary, world } = stage;
    const liar = asSeatId(2); // leads view 1
    for (const seat of [1, 3, 4]) stage.give(seat, 'wanted');
    const block = adversary.block(liar, 1 as View, adversary.genesis, [adversary.inventEntry()]);
    invariant(block !== undefined, 'the liar has a block');
    for (const seat of [1, 4]) stage.show(seat, adversary.proposal(liar, block, adversary.genesis, null));
    const prepare = adversary.certificate(1, 1 as View, block.digest);
    invariant(prepare !== undefined, 'two honest votes and its own are a certificate');
    stage.show(1, statusOf(adversary, { prepare }));
    for (const seat of [3, 4]) stage.runOut(seat);
    const timeoutCertificate = adversary.timeoutCertificate(1 as View);
    invariant(timeoutCertificate?.high.view === 0, 'the timeouts report nothing');
    for (const seat of [3, 4]) stage.show(seat, statusOf(adversary, { timeoutCertificate }));
    const proposal = world.tap.proposals.find(({ seat }) => seat === 3); // leads view 2
    invariant(proposal !== undefined, 'the honest leader proposes');
    for (const seat of [1, 4]) stage.show(seat, proposal);
    stage.passOnVotes(2);
    stage.passOnVotes(2);
    stage.expect(stage.allHave('wanted'), 'the honest proposal of view 2 was not committed in its view');
    return stage;
  },
};

/** Two prepare certificates of which the later stands on less: the maximum in the timeout certificate forbids it. */
const staleJustify: Scenario = {
  name: 'stale-justify',
  claim: 'a block that stands on less than the timeout certificate reports gets no vote',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [2], network: 'dead', tracing });
    const { adversary, world } = stage;
    const liar = asSeatId(2);
    for (const seat of [1, 3, 4]) stage.give(seat, 'wanted');
    const block = adversary.block(liar, 1 as View, adversary.genesis, [adversary.inventEntry()]);
    invariant(block !== undefined, 'the liar has a block');
    for (const seat of [1, 3, 4]) stage.show(seat, adversary.proposal(liar, block, adversary.genesis, null));
    const prepare = adversary.certificate(1, 1 as View, block.digest);
    invariant(prepare !== undefined, 'a certificate');
    for (const seat of [1, 3, 4]) stage.show(seat, statusOf(adversary, { prepare }));
    // All honest seats are locked on view 1 now, and have cast vote 2: with the liar's vote it is decided.
    for (let view = 2; view < 5; view++) {
      for (const seat of [1, 3, 4]) stage.runOut(seat);
      passTimeouts(stage, view);
    }
    const timeouts = adversary.timeoutCertificate(4 as View);
    const fork = adversary.block(liar, 5 as View, adversary.genesis, [adversary.inventEntry()]);
    invariant(timeouts !== undefined && fork !== undefined, 'a timeout certificate and a fork');
    const proposal = adversary.proposal(liar, fork, adversary.genesis, timeouts);
    for (const seat of [1, 3, 4]) stage.show(seat, proposal);
    stage.expect(world.tap.votes(1, 5 as View).size === 0, 'a fork below the reported lock got votes');
    return stage;
  },
};

function passTimeouts(stage: Stage, view: number): void {
  for (const timeout of stage.world.tap.timeouts.get(view as View)?.values() ?? []) {
    for (const seat of [1, 3, 4]) stage.show(seat, timeout);
  }
}

/** The power goes everywhere right after vote 2: the block that all are locked on must still exist. */
const powerLoss: Scenario = {
  name: 'power-loss-after-vote-2',
  claim: 'when the power goes everywhere right after vote 2, the council goes on afterwards',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [4], network: 'calm', tracing });
    const { world } = stage;
    world.network.weather.delayMs = [5, 5];
    stage.give(1, 'before');
    const allVoted = (): boolean => world.tap.votes(2, 1 as View).size > 0 && votes2(stage) === 3;
    stage.await(400, allVoted, 'nobody cast vote 2');
    for (const node of stage.honest) world.powerCut(node, 20);
    stage.runFor(300);
    stage.give(2, 'after');
    stage.await(
      LONG_MS,
      () => stage.allHave('before') && stage.allHave('after'),
      'the council halted for good',
    );
    return stage;
  },
};

function votes2({ world }: Stage): number {
  const [backing] = world.tap.votes(2, 1 as View).values();
  return backing?.signatures.size ?? 0;
}

/** A liar's timeout claims a certificate that does not exist: counted, it would spoil every timeout certificate. */
const poisonedTimeouts: Scenario = {
  name: 'poisoned-timeouts',
  claim: 'a timeout that lies about its certificate is refused and does not hinder a change of view',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [1], network: 'dead', tracing });
    const { adversary } = stage;
    const liar = asSeatId(1);
    for (const seat of [2, 3, 4]) stage.give(seat, 'wanted');
    for (let view = 1; view < 4; view++) {
      const lie = adversary.timeout(liar, view as View, 1_000 as View, adversary.genesis);
      for (const seat of [2, 3, 4]) stage.show(seat, lie);
      for (const seat of [2, 3, 4]) stage.runOut(seat);
      for (const timeout of stage.world.tap.timeouts.get(view as View)?.values() ?? []) {
        for (const seat of [2, 3, 4]) stage.show(seat, timeout);
      }
      stage.expect(
        stage.view(3) === view + 1,
        `three honest timeouts of view ${view} did not change the view`,
      );
    }
    return stage;
  },
};

/**
 * A liar shows its block, and then the same header with another body. A seat that could not vote the first time,
 * because it lacked the parent, must not take the second body for the first: it would keep it, and after a power
 * loss hold a certified block that does not execute.
 */
const swappedBody: Scenario = {
  name: 'swapped-body',
  claim: 'a block shown again with another body is kept with the body that its header names',
  run: (tracing) => {
    const stage = new Stage({ seats: 4, byzantine: [3], network: 'dead', tracing });
    const { adversary, world } = stage;
    const liar = asSeatId(3); // leads view 2
    stage.give(2, 'first');
    const parent = world.tap.proposals.find(({ seat }) => seat === 2); // leads view 1
    invariant(parent !== undefined, 'the honest leader proposes');
    stage.show(4, parent);
    const justify = adversary.certificate(1, 1 as View, parent.block.digest);
    invariant(justify !== undefined, 'two honest votes and its own are a certificate');
    const block = adversary.block(liar, 2 as View, justify, [adversary.inventEntry()]);
    invariant(block !== undefined, 'the liar has a block');
    const right = adversary.proposal(liar, block, justify, null);
    stage.show(1, right);
    stage.show(1, parent);
    stage.show(1, { ...right, block: { ...block, entries: [adversary.inventEntry()] } });
    stage.show(1, right);
    stage.expect(world.tap.votes(1, 2 as View).size > 0, 'the right body got no vote');
    return stage;
  },
};

export const LOCK_SCENARIOS: readonly Scenario[] = [
  hiddenLock,
  staleJustify,
  powerLoss,
  poisonedTimeouts,
  swappedBody,
];
