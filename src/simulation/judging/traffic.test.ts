// What a decision costs must grow with the number of seats, not with its square.
import { expect, it } from 'vitest';
import { measureTraffic } from './traffic.ts';

it('publications and published bytes a decision are linear in the number of seats', () => {
  const [small, large] = [measureTraffic(7, 2), measureTraffic(28, 2)];
  expect(large.publications / small.publications).toBeLessThan(4.5);
  expect(large.publishedBytes / small.publishedBytes).toBeLessThan(4.5);
  expect(large.deliveries).toBe(large.publications * 27);
});
