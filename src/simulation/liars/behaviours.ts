// The liars by name. A behaviour is a set of moves; a liar makes one of them now and then. `any` draws the mix
// from the seed: a colluding group that does everything at once.
import type { Adversary } from '../adversary.ts';
import type { Random } from '../random.ts';
import { splitInTwo } from './colluding.ts';
import { forgeCertificates, forgeVotes, malformBlocks, replay } from './forging.ts';
import {
  equivocate,
  justifyByAnother,
  justifyStale,
  proposeFalsehood,
  proposeToSome,
  swapBody,
  usurp,
} from './leading.ts';
import { showCommit, showPrepare, showTimeouts } from './showing.ts';
import { giveUp, voteAfterTimeout, voteForAll } from './voting.ts';

export type Move = <State>(adversary: Adversary<State>) => void;

const MOVES = {
  silent: [],
  equivocate: [equivocate, voteForAll],
  'double-vote': [voteForAll, equivocate, voteForAll],
  'vote-after-timeout': [voteAfterTimeout, giveUp, voteForAll],
  selective: [proposeToSome, showPrepare, showCommit, showTimeouts, voteForAll],
  'stale-justify': [justifyStale, justifyByAnother, showTimeouts, giveUp, voteForAll],
  forge: [forgeCertificates, forgeVotes, malformBlocks, swapBody, usurp],
  'false-block': [proposeFalsehood, swapBody, usurp, voteForAll],
  replay: [replay],
  collude: [splitInTwo],
} satisfies Record<string, readonly Move[]>;

export type ConsensusBehaviour = keyof typeof MOVES | 'any';

export const CONSENSUS_BEHAVIOURS: readonly ConsensusBehaviour[] = [
  'silent',
  'equivocate',
  'double-vote',
  'vote-after-timeout',
  'selective',
  'stale-justify',
  'forge',
  'false-block',
  'replay',
  'collude',
  'any',
];

const EVERY_MOVE: readonly Move[] = [
  equivocate,
  justifyStale,
  justifyByAnother,
  proposeFalsehood,
  swapBody,
  usurp,
  proposeToSome,
  showPrepare,
  showCommit,
  showTimeouts,
  voteForAll,
  giveUp,
  voteAfterTimeout,
  forgeCertificates,
  forgeVotes,
  malformBlocks,
  replay,
  splitInTwo,
];

/** The moves a liar draws from, some more often than others. */
export function movesOf(behaviour: ConsensusBehaviour, random: Random): readonly Move[] {
  if (behaviour !== 'any') return MOVES[behaviour];
  if (random.chance(0.2)) return [];
  return EVERY_MOVE.flatMap((move) => new Array<Move>(random.pick([0, 1, 4, 4, 12])).fill(move));
}

/** Lets the adversary act every few milliseconds until it is told to stop. */
export function unleash<State>(adversary: Adversary<State>, moves: readonly Move[]): void {
  if (moves.length === 0 || adversary.seats.length === 0) return;
  const { world, random } = adversary;
  const act = (): void => {
    if (!adversary.active) return;
    for (let i = random.between(1, 3); i > 0; i--) random.pick(moves)(adversary);
    world.after(random.between(2, 14), act);
  };
  world.after(1, act);
}
