// Changes of the roster in a simulated world, drawn from the seed: some by themselves, some several at once, some that
// leave a liar's chair vacant. Each ends an epoch in the middle of whatever goes on (protocol 6.1).
import type { SeatId } from '../signing/seat-id.ts';
import { Random } from './random.ts';
import type { World } from './world.ts';

const MOST_CHANGES = 5;

export class RosterChanges<State> {
  readonly #world: World<State>;
  readonly #random: Random;
  /** liars that still sit */
  #liars: readonly SeatId[];
  #made = 0;

  constructor(world: World<State>, seed: number) {
    this.#world = world;
    this.#random = new Random(seed, 11);
    this.#liars = this.#random.shuffled([...world.options.byzantine]);
  }

  /** Submits a few at moments of the storm. */
  begin(stormMs: number, submit: (text: string) => void): void {
    const random = this.#random;
    for (let count = random.between(1, MOST_CHANGES); count > 0; count--) {
      const together = random.chance(0.2) ? 2 : 1;
      this.#world.after(random.between(5, stormMs), () => {
        for (let i = 0; i < together; i++) submit(this.text());
      });
    }
  }

  /** The text of a change (counter-application.ts). */
  text(): string {
    const name = `c${this.#made++}`;
    const [liar, ...others] = this.#liars;
    if (liar === undefined || !this.#random.chance(0.3)) return `${name}^`;
    this.#liars = others;
    return `${name}^${liar}`;
  }
}
