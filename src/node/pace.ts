// How fast nodes that are processes of their own go about it: a view must last longer than a block takes to be voted
// on twice over a network, and a heartbeat is what silence is measured by (protocol 3.7, 3.9).
import type { Pace } from '../consensus/pacemaker.ts';

export const DISTRIBUTED_PACE: Pace = {
  viewMs: 1_500,
  maxViewMs: 30_000,
  resendMs: 500,
  heartbeatMs: 2_000,
};
