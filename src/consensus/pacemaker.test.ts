import { expect, test } from 'vitest';
import type { Effect } from './effects.ts';
import { Outbox } from './outbox.ts';
import { type Pace, Pacemaker } from './pacemaker.ts';

const PACE: Pace = { viewMs: 1_000, maxViewMs: 60_000, resendMs: 400, heartbeatMs: 2_000 };

function set(outbox: Outbox, timer: string): number[] {
  return outbox
    .drain()
    .flatMap((effect: Effect) =>
      effect.kind === 'set-timer' && effect.timer === timer ? [effect.delayMs] : [],
    );
}

test('a view that was lost doubles the wait for what is said again as well, up to a heartbeat', () => {
  const outbox = new Outbox();
  const pacemaker = new Pacemaker(PACE, outbox);
  const waits: number[] = [];
  for (let lost = 0; lost < 5; lost++) {
    pacemaker.keep(true);
    waits.push(...set(outbox, 'resend'));
    pacemaker.ranOut('resend');
    pacemaker.timedOut();
  }
  expect(waits).toEqual([400, 800, 1_600, 2_000, 2_000]);
  pacemaker.committed();
  pacemaker.committed();
  pacemaker.committed();
  pacemaker.keep(true);
  expect(set(outbox, 'resend')).toEqual([1_600]);
});

test('who enters a view has nothing to say again yet: its timers begin anew', () => {
  const outbox = new Outbox();
  const pacemaker = new Pacemaker(PACE, outbox);
  pacemaker.keep(true);
  outbox.drain();
  pacemaker.keep(true);
  expect(set(outbox, 'resend')).toEqual([]);
  pacemaker.entered();
  pacemaker.keep(true);
  expect(set(outbox, 'resend')).toEqual([400]);
});
