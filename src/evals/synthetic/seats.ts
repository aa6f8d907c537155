// Seats for councils that nobody recorded: of stated developers, families, prompts, as able as the recorded voters that come
// nearest. A new seat takes over thresholds and loadings from one of them by lot, and errs by itself: it shares with others what
// its domains say, and nothing else.
import { invariant } from '../../errors.ts';
import type { Random } from '../../simulation/random.ts';
import { DOMAINS, type Voter } from '../verdicts/verdict-table.ts';
import type { LatentModel, LatentVoter } from './latent-model.ts';

/** What is stated of a seat; what is left open is as the voter has it that it takes after. */
export type Place = Voter['domains'];

export function newSeats(
  model: LatentModel,
  places: readonly Place[],
  random: Random,
): readonly LatentVoter[] {
  const nearest = new Map<string, readonly LatentVoter[]>();
  return places.map((place, i) => {
    const key = DOMAINS.map((domain) => place[domain] ?? '').join('\n');
    const likest = nearest.get(key) ?? nearestTo(model, place);
    nearest.set(key, likest);
    const voter = random.pick(likest);
    return { ...voter, name: `seat ${i + 1}, after ${voter.name}`, domains: { ...voter.domains, ...place } };
  });
}

/** The voters that agree with most of what is stated. */
function nearestTo({ voters }: LatentModel, place: Place): readonly LatentVoter[] {
  const stated = DOMAINS.filter((domain) => place[domain] !== undefined);
  const agreement = voters.map(
    ({ domains }) => stated.filter((domain) => domains[domain] === place[domain]).length,
  );
  const most = Math.max(...agreement);
  invariant(Number.isFinite(most), 'a model has voters');
  return voters.filter((_, i) => agreement[i] === most);
}
