// A network that may lose, delay, repeat and reorder whatever it carries (protocol 8.1). It knows nodes by their
// index; what a message says never changes how it travels, except through a filter that a scenario sets.
import type { Message } from '../consensus/messages.ts';
import type { Random } from './random.ts';

/** How the network is at the moment. Schedules change it as they go. */
export interface Weather {
  delayMs: readonly [least: number, most: number];
  /** the chance that a message is lost */
  loss: number;
  /** the chance that it arrives once more, later */
  duplication: number;
  /** who can talk; null when all can. Groups may overlap */
  groups: readonly ReadonlySet<number>[] | null;
  /** additional delay of everything a slow node sends */
  slowMs: ReadonlyMap<number, number>;
  /** is the network the adversary's to hold up? In the calm it is not */
  yielding: boolean;
}

export type LinkFilter = (from: number, to: number, message: Message) => boolean;

/** A repeated message comes at most this much later than the first. */
const MAX_ECHO_MS = 60;

export function calm(): Weather {
  return { delayMs: [1, 6], loss: 0, duplication: 0, groups: null, slowMs: new Map(), yielding: false };
}

export class Network {
  weather: Weather = calm();
  /** false for a link that is cut for this message */
  filter: LinkFilter | undefined;
  /** put up by an adversary: nodes on different sides of it do not hear each other */
  wall: ReadonlyMap<number, number> | undefined;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** After how many milliseconds a message arrives: never, once or twice. */
  deliveries(from: number, to: number, message: Message): readonly number[] {
    const random = this.#random;
    const { weather } = this;
    if (this.filter !== undefined && !this.filter(from, to, message)) return [];
    const sides = weather.yielding ? this.wall : undefined;
    if (sides?.has(from) === true && sides.has(to) && sides.get(from) !== sides.get(to)) return [];
    if (weather.groups !== null && !weather.groups.some((group) => group.has(from) && group.has(to)))
      return [];
    if (random.chance(weather.loss)) return [];
    const delay = random.between(...weather.delayMs) + (weather.slowMs.get(from) ?? 0);
    return random.chance(weather.duplication) ? [delay, delay + random.between(1, MAX_ECHO_MS)] : [delay];
  }
}
