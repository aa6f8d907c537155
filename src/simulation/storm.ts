// Bad weather drawn from the seed: delays, loss, repetition, partitions that come and go, a slow node, single
// power cuts and now and then one for everybody.
import { Random } from './random.ts';
import type { World } from './world.ts';

export class Storm<State> {
  readonly #world: World<State>;
  readonly #random: Random;
  readonly #isolated: number | undefined;
  readonly #powerCuts: number;
  #over = false;

  constructor(world: World<State>, isolated: number | undefined) {
    this.#world = world;
    this.#isolated = isolated;
    this.#random = new Random(world.options.seed, 6);
    this.#powerCuts = this.#random.pick([0, 0.3, 1]);
  }

  begin(): void {
    const random = this.#random;
    this.#world.network.weather = {
      delayMs: random.pick([
        [1, 6],
        [1, 25],
        [1, 60],
        [5, 120],
      ] as const),
      loss: random.pick([0, 0, 0.05, 0.2, 0.4]),
      duplication: random.pick([0, 0.1, 0.3]),
      groups: null,
      slowMs: new Map(),
      yielding: true,
    };
    this.#world.powerCutChance = random.pick([0, 0, 0.003, 0.02]);
    this.#shift();
    this.#world.after(50, () => this.#cutPower());
  }

  end(): void {
    this.#over = true;
    this.#world.powerCutChance = 0;
  }

  #shift(): void {
    if (this.#over) return;
    const random = this.#random;
    const { weather } = this.#world.network;
    weather.groups = this.#partition();
    weather.slowMs = new Map();
    if (random.chance(0.3)) {
      const slow = random.pick(this.#world.nodes).index;
      weather.slowMs = new Map([[slow, random.between(20, 200)]]);
    }
    this.#world.after(random.between(20, 300), () => this.#shift());
  }

  #partition(): ReadonlySet<number>[] | null {
    const random = this.#random;
    const all = this.#world.nodes.map(({ index }) => index);
    const draw = random.fraction();
    let groups: Set<number>[] | null = null;
    if (draw >= 0.8) {
      const alone = random.pick(all);
      groups = [new Set(all.filter((index) => index !== alone)), new Set([alone])];
    } else if (draw >= 0.45) {
      const parts = Array.from({ length: random.between(2, 3) }, () => new Set<number>());
      for (const index of all) random.pick(parts).add(index);
      groups = parts;
    }
    // The adversary reaches everybody, always; twins are cut off like anybody.
    const spoken = this.#world.options.twins === true ? [] : all;
    const liars = spoken.filter((index) => !this.#world.isHonest(index));
    for (const group of groups ?? []) for (const index of liars) group.add(index);
    const isolated = this.#isolated;
    if (isolated === undefined) return groups;
    for (const group of groups ?? []) group.delete(isolated);
    return [...(groups ?? [new Set(all.filter((index) => index !== isolated))]), new Set([isolated])];
  }

  #cutPower(): void {
    if (this.#over) return;
    const random = this.#random;
    if (random.chance(this.#powerCuts)) {
      const everybody = random.chance(0.12);
      for (const node of everybody ? this.#world.honest : [random.pick(this.#world.honest)]) {
        this.#world.powerCut(node, random.between(5, everybody ? 120 : 300));
      }
    }
    this.#world.after(random.between(30, 300), () => this.#cutPower());
  }
}
