import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Leaving, type Place, Throttle } from './throttle.ts';

const never = new AbortController().signal;

async function settled(): Promise<void> {
  await new Promise(setImmediate);
}

/** Takes as many places as there are and gives them back so. */
async function burst(throttle: Throttle, how: Leaving, count = throttle.limit): Promise<void> {
  const places = await Promise.all(Array.from({ length: count }, () => throttle.enter(never)));
  for (const place of places) place.leave(how);
}

async function one(throttle: Throttle, how: Leaving): Promise<void> {
  await burst(throttle, how, 1);
}

describe('a throttle', () => {
  it('halves when a host says that it is too much, down to one', async () => {
    const throttle = new Throttle({ places: 8 });
    const limits = [];
    for (let i = 0; i < 5; i++) {
      await one(throttle, 'rate-limited');
      limits.push(throttle.limit);
    }
    expect(limits).toEqual([4, 2, 1, 1, 1]);
  });

  it('takes a burst that is refused together for one piece of news', async () => {
    const throttle = new Throttle({ places: 8 });
    await burst(throttle, 'rate-limited');
    expect(throttle.limit).toBe(4);
  });

  it('grows by one after four answers in a row, and not beyond where it started', async () => {
    const throttle = new Throttle({ places: 3 });
    await one(throttle, 'rate-limited');
    expect(throttle.limit).toBe(1);
    for (let i = 0; i < 3; i++) await one(throttle, 'answered');
    expect(throttle.limit).toBe(1);
    await one(throttle, 'answered');
    expect(throttle.limit).toBe(2);
    for (let i = 0; i < 40; i++) await one(throttle, 'answered');
    expect(throttle.limit).toBe(3);
  });

  it('begins to count anew when the row is broken', async () => {
    const throttle = new Throttle({ places: 2 });
    await one(throttle, 'rate-limited');
    for (let i = 0; i < 3; i++) await one(throttle, 'answered');
    await one(throttle, 'otherwise');
    for (let i = 0; i < 3; i++) await one(throttle, 'answered');
    expect(throttle.limit).toBe(1);
  });

  it('lets in by turns, and passes over who has walked away', async () => {
    const throttle = new Throttle({ places: 1 });
    const first = await throttle.enter(never);
    const impatient = new AbortController();
    const order: string[] = [];
    const places = new Map<string, Place>();
    const wait = (name: string, signal = never): Promise<void> =>
      throttle.enter(signal).then(
        (place) => {
          order.push(name);
          places.set(name, place);
        },
        (reason: unknown) => void order.push(`${name} left: ${String(reason)}`),
      );
    const all = [wait('a'), wait('b', impatient.signal), wait('c')];
    impatient.abort('bored');
    await settled();
    first.leave('answered');
    await settled();
    expect(order).toEqual(['b left: bored', 'a']);
    // Twice given back is given back once.
    first.leave('answered');
    await settled();
    expect(order).toHaveLength(2);
    places.get('a')?.leave('answered');
    await Promise.all(all);
    expect(order).toEqual(['b left: bored', 'a', 'c']);
    expect(throttle.hasRoom).toBe(false);
    places.get('c')?.leave('answered');
    expect(throttle.hasRoom).toBe(true);
  });

  it('turns away whom nobody waits for any more', async () => {
    const throttle = new Throttle({ places: 1 });
    await expect(throttle.enter(AbortSignal.abort('over'))).rejects.toBe('over');
    expect(throttle.hasRoom).toBe(true);
  });

  it('never has more under way than its limit, whatever comes and goes', async () => {
    const action = fc.oneof(
      { weight: 3, arbitrary: fc.constant({ kind: 'enter' as const }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('leave' as const),
          which: fc.nat(),
          how: fc.constantFrom<Leaving>('answered', 'rate-limited', 'otherwise'),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), which: fc.nat() }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.array(action, { maxLength: 60 }),
        async (places, actions) => {
          const throttle = new Throttle({ places });
          const inside: Place[] = [];
          const waiting = new Set<AbortController>();
          let asked = 0;
          let gone = 0;
          for (const step of actions) {
            const before = inside.length;
            if (step.kind === 'enter') {
              asked++;
              const patience = new AbortController();
              waiting.add(patience);
              throttle.enter(patience.signal).then(
                (place) => {
                  waiting.delete(patience);
                  inside.push(place);
                },
                () => void gone++,
              );
            } else if (step.kind === 'leave') {
              const [place] = inside.splice(step.which % Math.max(1, inside.length), 1);
              place?.leave(step.how);
            } else {
              const patience = [...waiting][step.which % Math.max(1, waiting.size)];
              if (patience !== undefined) waiting.delete(patience);
              patience?.abort();
            }
            await Promise.resolve().then(() => undefined);
            await settled();
            // A limit that shrinks throws nobody out; but nobody comes in above it.
            expect(inside.length).toBeLessThanOrEqual(Math.max(throttle.limit, before));
            expect(throttle.limit).toBeLessThanOrEqual(places);
            expect(throttle.limit).toBeGreaterThanOrEqual(1);
            // Nobody waits where there is room.
            if (inside.length < throttle.limit) expect(waiting.size).toBe(0);
          }
          for (let i = 0; i <= asked && (inside.length > 0 || waiting.size > 0); i++) {
            inside.shift()?.leave('otherwise');
            await settled();
          }
          expect(waiting.size).toBe(0);
          expect(gone).toBeLessThanOrEqual(asked);
        },
      ),
      { numRuns: 60 },
    );
  });
});
