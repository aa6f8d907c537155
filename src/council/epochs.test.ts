// Rosters change by the operators' word, at most f chairs at a time, and whoever is marked is left out; cases in flight
// keep their panel (protocol 5.2, 6.1). Each way to get a roster in that should not be there is tried.
import { describe, expect, it } from 'vitest';
import {
  bytesFor,
  Chamber,
  OPERATORS,
  standInVerify,
  testCharter,
  testFounding,
  testRoster,
} from '../../test/rigs/chamber.ts';
import {
  chairOf,
  chamberOf,
  changeEntry,
  endEpoch,
  marked,
  newcomer,
  suspicion,
} from '../../test/rigs/epochs.ts';
import type { BlockContext } from '../consensus/application.ts';
import type { Entry, Height, View } from '../consensus/block.ts';
import { digestOf } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { Council } from './council.ts';
import type { RosterAdmitted } from './records.ts';
import { FIRST_EPOCH, type RosterSeat, rosterDigest, sitterOf } from './roster.ts';
import { rosterInForce, rosterOf } from './state.ts';

const SECOND = 2 as Epoch;

/** May the entry stand in the next block, and does a block of it execute? Both must say the same. */
function isAdmitted(chamber: Chamber, entry: Entry): boolean {
  const said = chamber.admits(entry) === 'now';
  const context = contextAfter(chamber);
  expect(chamber.council.execute(chamber.state, context, [entry]) !== undefined).toBe(said);
  return said;
}

const contextAfter = (chamber: Chamber, changes: Partial<BlockContext> = {}): BlockContext => ({
  epoch: chamber.state.epoch,
  view: (chamber.height + 1) as View,
  height: (chamber.height + 1) as Height,
  proposer: asSeatId(1),
  timeMs: chamber.timeMs + 1,
  ...changes,
});

describe('a change of the roster', () => {
  it('ends the epoch: the next block is of the next one and its roster has the new chairs', () => {
    const chamber = chamberOf(7);
    const before = rosterInForce(chamber.state);
    const records = endEpoch(chamber, [newcomer(2), newcomer(5)]);
    const { height, timeMs } = chamber;
    const roster = rosterInForce(chamber.state);
    expect(records).toEqual([
      {
        kind: 'roster.admitted',
        epoch: 2,
        roster: rosterDigest(roster),
        changed: [2, 5],
        vacated: [],
        height,
        timeMs,
      },
    ]);
    expect(chamber.council.epochOf(chamber.state)).toBe(2);
    expect(roster.seats.map(({ seat, ed25519 }) => [seat, ed25519])).toEqual(
      before.seats.map(({ seat, ed25519 }) => [
        seat,
        [2, 5].includes(seat) ? newcomer(seat).ed25519 : ed25519,
      ]),
    );
    expect(rosterOf(chamber.state, FIRST_EPOCH)).toBe(before);
    expect(rosterOf(chamber.state, 3 as Epoch)).toBeUndefined();
  });

  it('may swap the model of a seat that keeps its keys', () => {
    const chamber = chamberOf(7);
    endEpoch(chamber, [{ ...chairOf(chamber, 3), model: digestOf('another model') }]);
    expect(chairOf(chamber, 3).model).toBe(digestOf('another model'));
  });

  it('takes k of the m operators, each once, and nobody else', () => {
    const chamber = chamberOf(7);
    const tried = (options: Parameters<typeof changeEntry>[2]) =>
      isAdmitted(chamber, changeEntry(chamber, [newcomer(2)], options));
    expect(tried({ approvers: ['ann'] })).toBe(false);
    expect(tried({ approvers: [] })).toBe(false);
    expect(tried({ approvers: ['ann', 'zoe'] })).toBe(false);
    expect(tried({ by: 'zoe' })).toBe(false);
    expect(tried({ approvers: ['ann', 'ben', 'zoe'] })).toBe(false);
    expect(() => tried({ approvers: ['ann', 'ann'] })).not.toThrow();
    expect(tried({ approvers: ['ann', 'ann'] })).toBe(false); // malformed: nobody stands there twice
    expect(tried({ by: 'cleo', approvers: ['ann', 'ben'] })).toBe(true);
    expect(tried({ approvers: ['ann', 'ben', 'cleo'] })).toBe(true);
  });

  it('is refused when one of the approvals is for something else', () => {
    const chamber = chamberOf(7);
    const good = changeEntry(chamber, [newcomer(2)]);
    const approvalsOf = (entry: Entry) =>
      (
        JSON.parse(Buffer.from(entry.bytes).toString()) as {
          entry: { approvals: { operator: string; sig: string }[] };
        }
      ).entry.approvals;
    const other = approvalsOf(changeEntry(chamber, [newcomer(3)]));
    const [ann] = approvalsOf(good);
    const [, ben] = other;
    if (ann === undefined || ben === undefined) throw new Error('two approvals');
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(2)], { approvals: [ann, ben] }))).toBe(false);
    expect(isAdmitted(chamber, good)).toBe(true);
  });

  it('is refused where the charter names no operators', () => {
    const chamber = new Chamber(7, testFounding(7, testCharter()));
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(2)]))).toBe(false);
  });

  it('is good for its epoch and its roster and cannot be kept for later', () => {
    const chamber = chamberOf(7);
    const kept = changeEntry(chamber, [newcomer(2)]);
    const early = changeEntry(chamber, [newcomer(3)], { epoch: SECOND });
    expect(isAdmitted(chamber, early)).toBe(false);
    const stale = rosterDigest(rosterInForce(chamber.state));
    endEpoch(chamber, [newcomer(4)]);
    expect(isAdmitted(chamber, kept)).toBe(false);
    expect(isAdmitted(chamber, early)).toBe(false); // another roster than the one it was meant for
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(5)], { from: stale }))).toBe(false);
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(5)], { epoch: FIRST_EPOCH }))).toBe(false);
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(5)]))).toBe(true);
  });

  it('takes at most f chairs', () => {
    const chamber = chamberOf(33);
    const newcomers = (count: number) => Array.from({ length: count }, (_, i) => newcomer(i + 1));
    expect(isAdmitted(chamber, changeEntry(chamber, newcomers(11)))).toBe(false);
    expect(isAdmitted(chamber, changeEntry(chamber, newcomers(10)))).toBe(true);
    expect(isAdmitted(chamberOf(3), changeEntry(chamberOf(3), [newcomer(1)]))).toBe(false); // f is 0
  });

  const hostile: readonly [string, (chamber: Chamber) => readonly RosterSeat[]][] = [
    ['a chair that is not there', () => [newcomer(8)]],
    ['a chair given away twice', () => [newcomer(2), newcomer(2, 2)]],
    ['chairs out of order', () => [newcomer(3), newcomer(2)]],
    ['a domain above its cap', () => [2, 3].map((s) => newcomer(s, 1, { developer: 'developer-1' }))],
    ['the key of another seat', (c) => [newcomer(2, 1, { ed25519: chairOf(c, 3).ed25519 })]],
    ['the name of another seat', (c) => [newcomer(2, 1, { name: chairOf(c, 3).name })]],
    [
      "another's BLS key with its proof",
      (c) => [newcomer(2, 1, { bls: chairOf(c, 3).bls, possession: chairOf(c, 3).possession })],
    ],
    ['a BLS key whose holder proved another', () => [newcomer(2, 1, { bls: bytesFor('rogue', 48) })]],
    ['two seats that exchange keys', (c) => [exchanged(c, 2, 3), exchanged(c, 3, 2)]],
    [
      'an answer that is not live in a council that is no trial',
      () => [newcomer(2, 1, { provenance: 'offline' })],
    ],
    ['nothing', () => []],
    ['the chair as it is', (c) => [chairOf(c, 2)]],
  ];
  const exchanged = (chamber: Chamber, seat: number, other: number): RosterSeat => {
    const { ed25519, bls, possession } = chairOf(chamber, other);
    return newcomer(seat, 1, { ed25519, bls, possession });
  };

  it.each(hostile)('is refused with %s', (_, seats) => {
    const chamber = chamberOf(7);
    expect(isAdmitted(chamber, changeEntry(chamber, seats(chamber)))).toBe(false);
  });

  it('never lets a key sit again that left its chair', () => {
    const chamber = chamberOf(7);
    const old = chairOf(chamber, 2);
    endEpoch(chamber, [newcomer(2)]);
    endEpoch(chamber, [newcomer(5)]);
    expect(isAdmitted(chamber, changeEntry(chamber, [old]))).toBe(false);
    const { ed25519, bls, possession } = old;
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(4, 2, { ed25519 })]))).toBe(false);
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(4, 2, { bls, possession })]))).toBe(false);
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(2, 2)]))).toBe(true);
  });

  it('names nodes of which every seat has one', () => {
    const roster = {
      ...testRoster(7),
      nodes: testRoster(7).seats.map(({ node }) => ({ name: node, x25519: bytesFor(node, 32) })),
    };
    const chamber = new Chamber(7, testFounding(7, testCharter({ operators: OPERATORS }), roster));
    const stray = newcomer(2, 1, { node: 'node-elsewhere' });
    expect(isAdmitted(chamber, changeEntry(chamber, [stray]))).toBe(false);
    const gone = { ...newcomer(2), vacant: true as const };
    expect(
      isAdmitted(chamber, changeEntry(chamber, [gone], { nodes: roster.nodes.filter((_, i) => i !== 1) })),
    ).toBe(true);
    const nodes = [...roster.nodes, { name: 'node-elsewhere', x25519: bytesFor('elsewhere', 32) }];
    expect(isAdmitted(chamber, changeEntry(chamber, [stray], { nodes: nodes.slice(1) }))).toBe(false);
    expect(isAdmitted(chamber, changeEntry(chamber, [stray], { nodes }))).toBe(true);
  });

  it('is the last entry of its block', () => {
    const chamber = chamberOf(7);
    const change = changeEntry(chamber, [newcomer(2)]);
    const opening = chamber.opened(chamber.document());
    const execute = (entries: readonly Entry[]) =>
      chamber.council.execute(chamber.state, contextAfter(chamber), entries);
    expect(execute([change, opening])).toBeUndefined();
    expect(execute([change, changeEntry(chamber, [newcomer(3)])])).toBeUndefined();
    expect(execute([change, suspicion(chamber, 1, [2])])).toBeUndefined();
    expect(execute([change, change])).toBeUndefined();
    expect(execute([opening, change])?.records.map(({ kind }) => kind)).toEqual(['roster.admitted']);
  });
});

describe('a block of another epoch than the state', () => {
  const ended = () => {
    const chamber = chamberOf(7);
    const caseId = chamber.open();
    endEpoch(chamber, [newcomer(2)]);
    return { chamber, caseId };
  };

  it('of the epoch that has just ended executes only when it is empty, and changes nothing', () => {
    const { chamber, caseId } = ended();
    const suffix = contextAfter(chamber, { epoch: FIRST_EPOCH, timeMs: chamber.timeMs + 1_000_000 });
    const executed = chamber.council.execute(chamber.state, suffix, []);
    expect(executed).toEqual({ state: chamber.state, records: [] }); // no deadline of the open case either
    const { state } = chamber;
    expect(executed?.state).toBe(state);
    expect(chamber.council.execute(state, suffix, [chamber.commit(caseId, 1, 'approve')])).toBeUndefined();
    expect(chamber.council.execute(state, suffix, [suspicion(chamber, 1, [2], FIRST_EPOCH)])).toBeUndefined();
    expect(chamber.council.execute(state, { ...suffix, timeMs: chamber.timeMs }, [])).toBeUndefined();
  });

  it('of a later epoch, or of one long past, never executes', () => {
    const { chamber } = ended();
    endEpoch(chamber, [newcomer(3)]);
    for (const epoch of [1, 4, 5]) {
      const context = contextAfter(chamber, { epoch: epoch as Epoch });
      expect(chamber.council.execute(chamber.state, context, [])).toBeUndefined();
    }
    expect(chamber.council.execute(chamber.state, contextAfter(chamber), [])).toBeDefined();
  });
});

describe('a seat that is marked', () => {
  it('is left out of the next epoch: its chair is vacant, and n, f and q are what they were', () => {
    const chamber = chamberOf(7);
    marked(chamber, 4);
    const records = endEpoch(chamber, [newcomer(2)]);
    expect((records[0] as RosterAdmitted).vacated).toEqual([4]);
    const roster = rosterInForce(chamber.state);
    expect(roster.seats).toHaveLength(7);
    expect(sitterOf(roster, 4)).toBeUndefined();
    const caseId = chamber.open();
    const decision = chamber.judge(caseId, [
      'approve',
      'approve',
      'approve',
      undefined,
      'approve',
      'reject',
      'reject',
    ]);
    expect([decision.seats, decision.threshold, decision.outcome, decision.tally.missing]).toEqual([
      7,
      5,
      'rejected',
      1,
    ]);
  });

  it('is out with the very block that marks it, when that block ends the epoch', () => {
    const chamber = chamberOf(7);
    const caseId = chamber.open();
    chamber.block([chamber.commit(caseId, 4, 'approve')]);
    const records = chamber.block([chamber.commit(caseId, 4, 'reject'), changeEntry(chamber, [newcomer(2)])]);
    expect(records).toMatchObject([
      { kind: 'seat.marked', seat: 4 },
      { kind: 'roster.admitted', changed: [2], vacated: [4] },
    ]);
  });

  it('falls out by a change that names no chair at all', () => {
    const chamber = chamberOf(7);
    marked(chamber, 4);
    const [record] = endEpoch(chamber, []);
    expect(record).toMatchObject({ changed: [], vacated: [4] });
  });

  it('is out even where the change names it again, by any of its keys', () => {
    const chamber = chamberOf(7);
    marked(chamber, 4);
    const { ed25519, bls, possession } = chairOf(chamber, 4);
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(4, 1, { bls, possession })]))).toBe(false);
    const [record] = endEpoch(chamber, [newcomer(4, 1, { ed25519 })]);
    expect(record).toMatchObject({ changed: [4], vacated: [4] });
    expect(sitterOf(rosterInForce(chamber.state), 4)).toBeUndefined();
    const held = { bls: chairOf(chamber, 4).bls, possession: chairOf(chamber, 4).possession };
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(4, 2, held)]))).toBe(false);
    endEpoch(chamber, [newcomer(4, 2, { ed25519 })]);
    expect(sitterOf(rosterInForce(chamber.state), 4)).toBeUndefined();
  });

  it('leaves its chair to another, who bears none of its marks', () => {
    const chamber = chamberOf(7);
    marked(chamber, 4);
    endEpoch(chamber, [newcomer(4)]);
    expect(chamber.state.marks.size).toBe(0);
    endEpoch(chamber, [newcomer(2)]);
    expect(sitterOf(rosterInForce(chamber.state), 4)?.ed25519).toBe(newcomer(4).ed25519);
  });

  it('does not take the council below a quorum of occupied chairs', () => {
    const chamber = chamberOf(7);
    for (const seat of [4, 5, 6]) marked(chamber, seat);
    expect(isAdmitted(chamber, changeEntry(chamber, []))).toBe(false); // 4 of 7 would be left, q is 5
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(4)]))).toBe(true);
  });
});

describe('a vacant chair', () => {
  const vacated = () => {
    const chamber = chamberOf(7);
    const before = chamber.open({ subject: 'urn:test:before' });
    endEpoch(chamber, [{ ...chairOf(chamber, 4), vacant: true }]);
    return { chamber, before };
  };

  it('receipts, votes, suspects and accuses nobody, and nobody waits for it', () => {
    const { chamber } = vacated();
    const document = chamber.document();
    expect(isAdmitted(chamber, chamber.opened(document, [1, 2, 3, 4, 5]))).toBe(false);
    expect(isAdmitted(chamber, chamber.opened(document, [1, 2, 3, 5, 6]))).toBe(true);
    const caseId = chamber.open();
    expect(isAdmitted(chamber, chamber.commit(caseId, 4, 'approve'))).toBe(false);
    expect(isAdmitted(chamber, suspicion(chamber, 4, [1]))).toBe(false);
    expect(isAdmitted(chamber, suspicion(chamber, 1, [4]))).toBe(false);
    const records = chamber.block([1, 2, 3, 5, 6, 7].map((seat) => chamber.commit(caseId, seat, 'approve')));
    expect(records).toMatchObject([{ kind: 'case.closed', by: 'all', committed: 6, absent: [4] }]);
    const [decision] =
      chamber.block([1, 2, 3, 5, 6, 7].map((seat) => chamber.reveal(caseId, seat, 'approve'))) ?? [];
    expect(decision).toMatchObject({ kind: 'case.decided', outcome: 'approved', withheld: [] });
  });

  it('still judges the cases that its seat was on the panel of', () => {
    const { chamber, before } = vacated();
    expect(isAdmitted(chamber, chamber.commit(before, 4, 'approve'))).toBe(true);
  });

  it('is given to another only with other keys', () => {
    const { chamber } = vacated();
    const { vacant: _, ...chair } = chairOf(chamber, 4);
    const { ed25519, bls, possession } = chair;
    for (const kept of [chair, newcomer(4, 1, { ed25519 }), newcomer(4, 1, { bls, possession })]) {
      expect(isAdmitted(chamber, changeEntry(chamber, [kept]))).toBe(false);
    }
    expect(isAdmitted(chamber, changeEntry(chamber, [newcomer(4)]))).toBe(true);
  });
});

describe('a case in flight when the roster changes', () => {
  const inFlight = () => {
    const chamber = chamberOf(4);
    const caseId = chamber.open();
    chamber.block([chamber.commit(caseId, 1, 'approve')]);
    endEpoch(chamber, [newcomer(2)]);
    return { chamber, caseId };
  };

  it('keeps its panel: ballots of its epoch by the keys of its roster, and no others', () => {
    const { chamber, caseId } = inFlight();
    expect(isAdmitted(chamber, chamber.commit(caseId, 2, 'approve'))).toBe(true); // the seat that left
    const underNew = {
      kind: 'ballot.committed',
      by: 'seat/3',
      epoch: SECOND,
      caseId,
      seat: asSeatId(3),
    } as const;
    expect(isAdmitted(chamber, chamber.seal({ ...underNew, commitment: digestOf('c') }))).toBe(false);
    // the newcomer, under the panel's epoch by its own key
    const stolen = new Chamber(4, chamber.founding);
    stolen.state = chamber.state;
    stolen.keyOf = () => newcomer(2).ed25519;
    expect(isAdmitted(chamber, stolen.commit(caseId, 2, 'approve'))).toBe(false);
  });

  it('marks nobody for what the seat does that sat there before', () => {
    const { chamber, caseId } = inFlight();
    chamber.block([chamber.commit(caseId, 2, 'approve')]);
    expect(isAdmitted(chamber, chamber.commit(caseId, 2, 'reject'))).toBe(false); // two commitments, by who has left
    expect(isAdmitted(chamber, chamber.commit(caseId, 1, 'reject'))).toBe(true); // by one who still sits
    chamber.block([3, 4].map((seat) => chamber.commit(caseId, seat, 'approve')));
    expect(chamber.block([chamber.reveal(caseId, 2, 'reject')])).toEqual([]);
    expect(chamber.state.marks.size).toBe(0);
    expect(chamber.state.open.get(caseId)?.seats[1]?.kind).toBe('false'); // its own ballot is spoilt all the same
    expect(chamber.block([chamber.reveal(caseId, 1, 'reject')])).toMatchObject([
      { kind: 'seat.marked', seat: 1 },
    ]);
  });

  it('is decided by its panel, and the roster in force signs', () => {
    const { chamber, caseId } = inFlight();
    chamber.block([2, 3, 4].map((seat) => chamber.commit(caseId, seat, 'approve')));
    chamber.block([1, 2, 3, 4].map((seat) => chamber.reveal(caseId, seat, 'approve')));
    const decision = chamber.decision(caseId);
    expect(decision).toMatchObject({
      outcome: 'approved',
      epoch: 2,
      panel: rosterDigest(chamber.founding.roster),
      roster: rosterDigest(rosterInForce(chamber.state)),
    });
  });

  it('that is decided in the block which ends the epoch is decided in that epoch, once', () => {
    const chamber = chamberOf(4);
    const caseId = chamber.open();
    chamber.block([1, 2, 3, 4].map((seat) => chamber.commit(caseId, seat, 'approve')));
    const reveals = [1, 2, 3, 4].map((seat) => chamber.reveal(caseId, seat, 'approve'));
    const records = chamber.block([...reveals, changeEntry(chamber, [newcomer(2)])]);
    expect(records?.map(({ kind }) => kind)).toEqual(['roster.admitted', 'case.decided']);
    expect(chamber.decision(caseId)).toMatchObject({
      epoch: 1,
      roster: rosterDigest(chamber.founding.roster),
    });
    chamber.block([]);
    expect(chamber.records.filter(({ kind }) => kind === 'case.decided')).toHaveLength(1);
  });

  it('waits past its deadline for f+1 leaders of one epoch, as liars may lead in each', () => {
    const chamber = chamberOf(4);
    const caseId = chamber.open();
    chamber.block([chamber.commit(caseId, 3, 'approve')]);
    chamber.block([], 1_000, 1);
    expect(chamber.state.open.get(caseId)?.lateLeaders).toEqual([1]);
    chamber.block([changeEntry(chamber, [newcomer(2)])], 1, 1);
    expect(chamber.state.open.get(caseId)).toMatchObject({ phase: 'commit', lateLeaders: [] });
    chamber.block([], 1, 3);
    expect(chamber.state.open.get(caseId)?.phase).toBe('commit');
    chamber.block([], 1, 1);
    expect(chamber.state.open.get(caseId)?.phase).toBe('reveal');
  });

  it('opens with receipts of the epoch before, and is judged by the roster in force', () => {
    const chamber = chamberOf(4);
    const document = chamber.document();
    const filed = chamber.opened(document);
    endEpoch(chamber, [newcomer(2)]);
    expect(isAdmitted(chamber, filed)).toBe(true);
    chamber.block([filed]);
    expect(chamber.state.open.get(digestOf(document))?.panel).toBe(2);
    const other = chamber.document({ subject: 'urn:test:late' });
    const tooOld = chamber.opened(other, undefined, FIRST_EPOCH);
    const ahead = chamber.opened(other, undefined, 3 as Epoch);
    endEpoch(chamber, [newcomer(3)]);
    expect(isAdmitted(chamber, tooOld)).toBe(false);
    expect(isAdmitted(chamber, ahead)).toBe(false);
  });
});

describe('signatures to check ahead', () => {
  it('are by the keys of the epoch that an entry names, as far as epochs have been seen', () => {
    const chamber = chamberOf(4);
    const caseId = chamber.open();
    const old = chamber.commit(caseId, 2, 'approve');
    const { ed25519: before } = chairOf(chamber, 2);
    const keysOf = (entry: Entry) => chamber.council.signaturesOf(entry)?.map(({ publicKey }) => publicKey);
    const change = changeEntry(chamber, [newcomer(2)]);
    expect(keysOf(change)).toEqual(['ann', 'ann', 'ben'].map((id) => bytesFor(`operator ${id}`, 32)));
    chamber.block([change]);
    const now = suspicion(chamber, 2, [3]);
    expect(keysOf(now)).toBeUndefined(); // nothing of the new epoch has been looked at
    expect(chamber.admits(now)).toBe('now');
    expect(keysOf(now)).toEqual([newcomer(2).ed25519]);
    expect(keysOf(old)).toEqual([before]);
    expect(chamber.admits(old)).toBe('now');
    const opened = chamber.opened(chamber.document({ subject: 'urn:test:other' }), [1, 2, 3], FIRST_EPOCH);
    expect(keysOf(opened)?.[2]).toBe(before);
    expect(keysOf(suspicion(chamber, 2, [3], 3 as Epoch))).toBeUndefined();
  });
});

describe('two branches that end an epoch differently', () => {
  it('do not take over from each other whose signature is true', () => {
    const one = chamberOf(4);
    const other = chamberOf(4);
    endEpoch(one, [newcomer(2)]);
    endEpoch(other, [newcomer(2, 2)]);
    const entry = suspicion(one, 2, [3]);
    const shared = new Council(one.founding, { verifySignature: standInVerify });
    expect(shared.admits(one.state, entry)).toBe('now');
    expect(shared.admits(other.state, entry)).toBe('never');
    expect(shared.admits(one.state, entry)).toBe('now');
  });
});
