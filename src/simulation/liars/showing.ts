// Liars that show genuine certificates to those whom it confuses most: a prepare certificate to one seat only
// (a hidden lock), a commit certificate to half, a timeout certificate before its time.
import type { View } from '../../consensus/block.ts';
import type { Certificate, TimeoutCertificate } from '../../consensus/certificates.ts';
import type { Status } from '../../consensus/messages.ts';
import type { Adversary } from '../adversary.ts';

/** Certificates travel in a status. */
export function statusOf<State>(
  { genesis, world }: Adversary<State>,
  shown: { prepare?: Certificate; commit?: Certificate; timeoutCertificate?: TimeoutCertificate },
): Status {
  return {
    kind: 'status',
    view: world.tap.maxView,
    prepare: shown.prepare ?? genesis,
    commit: shown.commit ?? { ...genesis, kind: 'commit' },
    timeoutCertificate: shown.timeoutCertificate ?? null,
    parts: [],
    entries: [],
    ask: false,
  };
}

export function showPrepare<State>(adversary: Adversary<State>): void {
  const formable = adversary.certificates(1, adversary.world.tap.maxView - 6).slice(0, 4);
  const prepare = adversary.random.pickMaybe(formable);
  if (prepare === undefined) return;
  const alone = adversary.random.chance(0.5);
  const audience = alone ? [adversary.random.pick(adversary.victims)] : adversary.someVictims();
  adversary.say(statusOf(adversary, { prepare }), audience);
}

export function showCommit<State>(adversary: Adversary<State>): void {
  const formable = adversary.certificates(2, adversary.world.tap.maxView - 6).slice(0, 3);
  const commit = adversary.random.pickMaybe(formable);
  if (commit !== undefined) adversary.say(statusOf(adversary, { commit }));
}

export function showTimeouts<State>(adversary: Adversary<State>): void {
  const { tap } = adversary.world;
  for (let view = tap.maxView + 1; view > Math.max(0, tap.maxView - 4); view--) {
    const timeoutCertificate = adversary.timeoutCertificate(view as View);
    if (timeoutCertificate === undefined) continue;
    adversary.say(statusOf(adversary, { timeoutCertificate }));
    return;
  }
}
