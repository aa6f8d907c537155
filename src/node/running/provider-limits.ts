// What a provider's host bears, as a person says it: `api.example.org=60/60`, sixty evaluations a minute, over all nodes
// of the council. Hosts are those that seat files name, which is how seats come to share a limit.
import { ConclaveError } from '../../errors.ts';
import type { ProviderLimit } from '../../jobs/bullmq/shared-limit.ts';
import type { SeatFile } from '../../seats/seat-file.ts';
import type { SeatId } from '../../signing/seat-id.ts';

const LIMIT = /^([^=\s]{1,80})=([1-9][0-9]{0,5})\/([1-9][0-9]{0,4})$/;
const MAX_LIMITS = 64;

/** By host. */
export function providerLimits(texts: readonly string[]): ReadonlyMap<string, ProviderLimit> {
  if (texts.length > MAX_LIMITS) throw new ConclaveError('usage', `expected at most ${MAX_LIMITS} limits`);
  return new Map(
    texts.map((text) => {
      const [, host, most, seconds] = LIMIT.exec(text) ?? [];
      if (host === undefined) {
        throw new ConclaveError(
          'usage',
          `expected a limit such as openai=60/60 (host, evaluations, seconds), found "${text.slice(0, 80)}"`,
        );
      }
      return [host, { key: host, most: Number(most), perMs: Number(seconds) * 1_000 }];
    }),
  );
}

export function limitBySeat(
  seats: readonly SeatFile[],
  limits: ReadonlyMap<string, ProviderLimit>,
): (seat: SeatId) => ProviderLimit | undefined {
  return (seat) => limits.get(seats[seat - 1]?.host ?? '');
}
