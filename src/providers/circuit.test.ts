import { describe, expect, it } from 'vitest';
import { Circuit, type Health, type Pass } from './circuit.ts';

function circuit(over: { failures?: number; coolDownMs?: number } = {}) {
  let nowMs = 0;
  const made = new Circuit({ failures: 3, coolDownMs: 1000, ...over }, { now: () => nowMs });
  const enter = (): Pass => {
    const pass = made.enter();
    if (pass === undefined) throw new Error('expected to be let in');
    return pass;
  };
  const tries = (...healths: Health[]): void => {
    for (const health of healths) enter().end(health);
  };
  const later = (ms: number): void => {
    nowMs += ms;
  };
  return { made, enter, tries, later };
}

describe('a circuit', () => {
  it('opens after several failures in a row, and not before', () => {
    const { made, tries } = circuit();
    tries('failed', 'failed', 'alive', 'failed', 'failed', 'unknown');
    expect(made.state).toBe('closed');
    tries('failed');
    expect(made.state).toBe('open');
    expect(made.enter()).toBeUndefined();
    expect(made.waitMs).toBe(1000);
  });

  it('lets one try when it has cooled down, and all when that one comes back', () => {
    const { made, enter, tries, later } = circuit();
    tries('failed', 'failed', 'failed');
    later(999);
    expect(made.enter()).toBeUndefined();
    later(1);
    const probe = enter();
    expect(made.state).toBe('half-open');
    expect(made.waitMs).toBeUndefined();
    expect(made.enter()).toBeUndefined();
    probe.end('alive');
    expect(made.state).toBe('closed');
    tries('failed', 'failed');
    expect(made.state).toBe('closed');
  });

  it('opens again at once when the one that tried fails', () => {
    const { made, enter, tries, later } = circuit();
    tries('failed', 'failed', 'failed');
    later(1000);
    const probe = enter();
    later(500);
    probe.end('failed');
    expect(made.state).toBe('open');
    expect(made.waitMs).toBe(1000);
  });

  it('lets the next try at once when the one that tried was withdrawn', () => {
    const { made, enter, tries, later } = circuit();
    tries('failed', 'failed', 'failed');
    later(1000);
    enter().end('unknown');
    expect(made.waitMs).toBe(0);
    enter().end('alive');
    expect(made.state).toBe('closed');
  });

  it('closes when a call from before is answered, and then a probe that fails is one failure', () => {
    const { made, enter, tries, later } = circuit();
    const slow = enter();
    tries('failed', 'failed', 'failed');
    later(1000);
    const probe = enter();
    slow.end('alive');
    expect(made.state).toBe('closed');
    probe.end('failed');
    expect(made.state).toBe('closed');
  });

  it('stays open no longer for calls from before that fail as well', () => {
    const { made, enter, tries, later } = circuit();
    const stragglers = [enter(), enter()];
    tries('failed', 'failed', 'failed');
    later(600);
    for (const straggler of stragglers) straggler.end('failed');
    expect(made.waitMs).toBe(400);
    later(400);
    const late = enter();
    stragglers[0]?.end('failed');
    expect(made.state).toBe('half-open');
    late.end('alive');
    late.end('failed');
    expect(made.state).toBe('closed');
  });

  it('tells when its state changes', async () => {
    const { made, tries } = circuit();
    let told = 0;
    const heard = made.changed().then(() => void told++);
    tries('failed', 'failed');
    await Promise.resolve();
    expect(told).toBe(0);
    tries('failed');
    await heard;
    expect(told).toBe(1);
  });
});
