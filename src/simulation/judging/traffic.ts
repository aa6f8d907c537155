// What a decision costs on the wire: a council of one seat a node decides cases one after another on a calm network,
// and everything is counted as the real encoding would carry it. A publication is what a node gives its transport
// once; a delivery is what every other node then gets of it.

import type { Pace } from '../../consensus/pacemaker.ts';
import { encodeMessage } from '../../consensus/wire.ts';
import { type CaseDocument, type CaseId, caseIdOf } from '../../council/case.ts';
import { Council } from '../../council/council.ts';
import { invariant } from '../../errors.ts';
import { LedgerApplication, type LedgerState } from '../../ledger/executor.ts';
import { digestOf } from '../../signing/digest.ts';
import { allSeats } from '../../signing/seat-id.ts';
import { SignatureTable } from '../signature-table.ts';
import { World } from '../world.ts';
import { BallotBox } from './ballot-box.ts';
import { EntryTable, SUBMITTER, simulatedFounding } from './founding.ts';
import { Jury } from './jury.ts';

export interface Traffic {
  readonly seats: number;
  readonly decisions: number;
  /** all of these for one decision, on the average */
  readonly publications: number;
  readonly publishedBytes: number;
  readonly deliveries: number;
  readonly deliveredBytes: number;
  readonly blocks: number;
}

/** As in the product; a calm network never meets the view timer. */
const PACE: Pace = { viewMs: 1_000, maxViewMs: 60_000, resendMs: 400, heartbeatMs: 4_000 };
const STARTED_AFTER_MS = 500;
const DECIDED_WITHIN_MS = 10_000;
/** Seats take so long to judge, at most: commitments come spread out, as they do. */
const THINKS_MS = 30;

export function measureTraffic(seats: number, decisions: number): Traffic {
  const founding = simulatedFounding(seats);
  const entries = new EntryTable();
  const statements = new SignatureTable();
  const council = new Council(founding, {
    verifySignature: (publicKey, message, signature) => entries.verify(publicKey, message, signature),
    statements,
  });
  const sizes = new WeakMap<object, number>();
  let [publications, publishedBytes, deliveries, deliveredBytes] = [0, 0, 0, 0];
  const world = new World<LedgerState>(
    { seed: 1, seats, nodes: allSeats(seats).map((seat) => [seat]), byzantine: new Set(), pace: PACE },
    {
      application: new LedgerApplication(council),
      signatures: statements,
      onSent: (to, message) => {
        const bytes = sizes.get(message) ?? encodeMessage(message).length;
        sizes.set(message, bytes);
        const receivers = to === 'all' ? seats - 1 : 1;
        publications++;
        publishedBytes += bytes;
        deliveries += receivers;
        deliveredBytes += receivers * bytes;
      },
    },
  );
  const box = new BallotBox(founding, entries);
  new Jury(world, box, () => ({ vote: 'approve', thinksMs: world.random.between(1, THINKS_MS) })).sit();
  world.start();
  world.run(STARTED_AFTER_MS);
  [publications, publishedBytes, deliveries, deliveredBytes] = [0, 0, 0, 0]; // who starts asks everybody
  for (let i = 0; i < decisions; i++) decide(world, box, i);
  const blocks = world.node(0).disk.committed.length;
  return {
    seats,
    decisions,
    publications: Math.round(publications / decisions),
    publishedBytes: Math.round(publishedBytes / decisions),
    deliveries: Math.round(deliveries / decisions),
    deliveredBytes: Math.round(deliveredBytes / decisions),
    blocks: blocks / decisions,
  };
}

function decide(world: World<LedgerState>, box: BallotBox, index: number): void {
  const document: CaseDocument = {
    type: 'certification',
    subject: `urn:simulated:${index}`,
    submitter: SUBMITTER,
    attempt: 1,
    earlier: [],
    fields: { title: digestOf('title') },
    evidence: [{ name: digestOf('name'), text: digestOf('text') }],
    nonce: index.toString(16).padStart(64, '0'),
  };
  world.submit(world.node(index % world.nodes.length), [box.open(document, allSeats(world.quorum.q))]);
  const caseId: CaseId = caseIdOf(document);
  const decided = (): boolean =>
    world.nodes.every(({ engine }) => engine?.state.council.decided.has(caseId) ?? false);
  const done = world.run(world.nowMs + DECIDED_WITHIN_MS, decided);
  invariant(done && world.violations.length === 0, `a calm council of ${world.quorum.n} decides`);
}
