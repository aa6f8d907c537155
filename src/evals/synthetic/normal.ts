// The standard normal distribution: its function, its quantiles and draws from it, from the one source of chance. The latent
// errors of synthetic voters are made of nothing else.
import type { Random } from '../../simulation/random.ts';

/** The share of a standard normal below `x` (Hart 1968, as West 2005 gives it); right to about 1e-15. */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size > 37) return x > 0 ? 1 : 0;
  const tail = Math.exp(-(size * size) / 2) * (size < 7.07106781186547 ? nearRatio(size) : farRatio(size));
  return x > 0 ? 1 - tail : tail;
}

function nearRatio(x: number): number {
  let over = 0.0352624965998911 * x + 0.700383064443688;
  over = over * x + 6.37396220353165;
  over = over * x + 33.912866078383;
  over = over * x + 112.079291497871;
  over = over * x + 221.213596169931;
  over = over * x + 220.206867912376;
  let under = 0.0883883476483184 * x + 1.75566716318264;
  under = under * x + 16.064177579207;
  under = under * x + 86.7807322029461;
  under = under * x + 296.564248779674;
  under = under * x + 637.333633378831;
  under = under * x + 793.826512519948;
  under = under * x + 440.413735824752;
  return over / under;
}

function farRatio(x: number): number {
  const fraction = x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))));
  return 1 / (fraction * 2.506628274631);
}

/** Below which `share` of a standard normal lies, by halving: it is asked seldom. */
export function normalQuantile(share: number): number {
  if (share <= 0) return Number.NEGATIVE_INFINITY;
  if (share >= 1) return Number.POSITIVE_INFINITY;
  if (share > 0.5) return -normalQuantile(1 - share);
  let [low, high] = [-38, 0];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Of the ziggurat (Marsaglia and Tsang 2000, as Doornik 2005 gives it): where its tail begins, and the area of a layer. */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
const LAYERS = 128;

/** Half the width of each layer, from the widest, and how much of it lies wholly under the curve. */
const widths = new Float64Array(LAYERS + 1);
const inner = new Float64Array(LAYERS);
const height = (x: number): number => Math.exp(-(x * x) / 2);
widths[0] = AREA / height(TAIL);
widths[1] = TAIL;
for (let layer = 2; layer < LAYERS; layer++) {
  const before = widths[layer - 1] ?? 0;
  widths[layer] = Math.sqrt(-2 * Math.log(AREA / before + height(before)));
}
for (let layer = 0; layer < LAYERS; layer++) inner[layer] = (widths[layer + 1] ?? 0) / (widths[layer] ?? 1);

/** Beyond this bound, tries of a whole normal would mostly be thrown away. */
const FAR = 0.5;

export class NormalDraws {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A standard normal. */
  next(): number {
    for (;;) {
      const bits = this.#random.bits();
      const layer = bits & (LAYERS - 1);
      const place = (bits >>> 7) / 0x100_0000 - 1;
      const width = widths[layer] ?? 0;
      if (Math.abs(place) < (inner[layer] ?? 0)) return place * width;
      if (layer === 0) return place < 0 ? -this.above(TAIL) : this.above(TAIL);
      const x = place * width;
      const [top, bottom] = [height(widths[layer + 1] ?? 0), height(width)];
      if (bottom + this.#random.fraction() * (top - bottom) < height(x)) return x;
    }
  }

  /** A standard normal of those above `bound` (Robert 1995). */
  above(bound: number): number {
    if (bound < FAR) {
      for (;;) {
        const draw = this.next();
        if (draw > bound) return draw;
      }
    }
    const rate = (bound + Math.sqrt(bound * bound + 4)) / 2;
    for (;;) {
      const draw = bound - Math.log(1 - this.#random.fraction()) / rate;
      if (this.#random.fraction() < Math.exp(-((draw - rate) ** 2) / 2)) return draw;
    }
  }
}
