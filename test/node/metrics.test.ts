// The metrics of real nodes in a council in memory: a decided case moves what it should and nothing else, and what
// models, peers and Redis say gets into no label.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { abstention } from '../../src/council/ballot.ts';
import type { SeatJudge } from '../../src/node/aftermath.ts';
import type { MemoryCouncil } from '../../src/node/memory-council.ts';
import { ABSTENTION_REASONS, REFUSAL_REASONS } from '../../src/node/metrics/metric-labels.ts';
import { type Metrics, type MetricsSources, metricsOf } from '../../src/node/metrics/metrics.ts';
import { digestOf } from '../../src/signing/digest.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';
import type { ServerStats } from '../../src/transport/redis/redis-stats.ts';
import {
  decideEverywhere,
  judgeOf,
  memoryCouncil,
  seatsANode,
  sourceAbout,
} from '../rigs/instant-council.ts';
import { changed, reading, type Scrape, scraped } from '../rigs/prometheus-text.ts';
import { saying } from '../rigs/saying-node.ts';

let council: MemoryCouncil | undefined;
const opened: Metrics[] = [];
afterEach(async () => {
  for (const metrics of opened.splice(0)) metrics.close();
  await council?.close();
  council = undefined;
});

function measured(sources: MetricsSources): Metrics {
  const metrics = metricsOf(sources);
  opened.push(metrics);
  return metrics;
}

async function founded(judge: SeatJudge, windows = { commitMs: 20_000, revealMs: 20_000 }) {
  council = await memoryCouncil(seatsANode(4), judge, { charter: { windows } });
  await council.startAll();
  return council;
}

const scrape = async (metrics: Metrics): Promise<Scrape> => scraped(await metrics.text());

describe('a case that is decided', () => {
  it('moves the counters of cases, ballots and certificates, once at every node', async () => {
    const all = await founded(judgeOf((seat) => (seat === 4 ? 'reject' : 'approve')));
    const metrics = all.up.map((node) => measured({ node }));
    const before = await Promise.all(metrics.map(scrape));
    await decideEverywhere(all, sourceAbout('alpha'));
    for (const [i, one] of metrics.entries()) {
      const after = await scrape(one);
      const moved = changed(
        before[i] ?? expect.fail(),
        after,
        /^conclave_(cases|ballots|missed|abst|cert.*count|case_s.*count)/,
      );
      expect(moved).toEqual({
        'conclave_cases_opened_total{type="certification"}': 1,
        'conclave_cases_decided_total{basis="quorum",outcome="approved"}': 1,
        'conclave_cases_flagged_total{flag="trial"}': 1,
        conclave_cases_certified_total: 1,
        'conclave_ballots_total{seat="1",verdict="approve"}': 1,
        'conclave_ballots_total{seat="2",verdict="approve"}': 1,
        'conclave_ballots_total{seat="3",verdict="approve"}': 1,
        'conclave_ballots_total{seat="4",verdict="reject"}': 1,
        conclave_case_seconds_count: 1,
        conclave_certificate_after_commitment_seconds_count: 1,
        conclave_certificate_after_decision_seconds_count: 1,
      });
      const of = (name: string, labels = {}) => reading(after, name, labels);
      expect(of('conclave_case_free_votes')).toBe(1);
      expect(of('conclave_seats', { what: 'quorum' })).toBe(3);
      expect(of('conclave_seats', { what: 'heard' })).toBe(4);
      expect(of('conclave_heard_free_votes')).toBe(1);
      expect(of('conclave_node_running')).toBe(1);
      expect(of('conclave_height')).toBe(of('conclave_blocks_committed_total'));
      expect(of('conclave_ledger_size')).toBeGreaterThan(9);
      expect(of('conclave_entries_committed_total', { kind: 'ballot.committed' })).toBe(4);
      expect(of('conclave_entries_committed_total', { kind: 'ballot.revealed' })).toBe(4);
      expect(of('conclave_certificates_owed')).toBe(0);
      expect(after.get('conclave_seat_marked')?.samples).toEqual([]);
    }
  });

  it('counts who did not vote, who abstained and why', async () => {
    const all = await founded(
      judgeOf((seat) => (seat === 3 ? 'abstain' : seat === 4 ? undefined : 'approve')),
      { commitMs: 2_000, revealMs: 20_000 },
    );
    const [node] = all.up;
    const metrics = measured({ node: node ?? expect.fail() });
    const before = await scrape(metrics);
    await decideEverywhere(all, sourceAbout('beta'));
    const after = await scrape(metrics);
    expect(changed(before, after, /^conclave_(missed|abst|cases_decided|case_free)/)).toEqual({
      'conclave_abstentions_total{reason="timeout"}': 1,
      'conclave_missed_votes_total{phase="commit",seat="4"}': 1,
      'conclave_cases_decided_total{basis="no-quorum",outcome="rejected"}': 1,
    });
    expect(reading(after, 'conclave_case_free_votes')).toBe(0);
  });

  it('a dead leader loses its views and is then passed over', async () => {
    const all = await founded(
      judgeOf(() => 'approve'),
      { commitMs: 400, revealMs: 400 },
    );
    await all.stop(3);
    const [node] = all.up;
    const metrics = measured({ node: node ?? expect.fail() });
    for (const subject of ['one', 'two', 'three']) await decideEverywhere(all, sourceAbout(subject));
    const after = await scrape(metrics);
    expect(reading(after, 'conclave_views_lost_total', { seat: '4' })).toBeGreaterThan(0);
    expect(reading(after, 'conclave_blocks_led_total', { seat: '4' })).toBeUndefined();
    expect(reading(after, 'conclave_commit_votes_total', { seat: '4' })).toBeUndefined();
    expect(reading(after, 'conclave_block_free_votes')).toBe(0);
  });
});

const HOSTILE = 'x"} 1\n# HELP evil evil\nevil 1\\';

describe('what others say gets into no label', () => {
  it('reasons, servers and messages of models are shown by known names or not at all', async () => {
    const { node, tell } = saying({ refused: { [HOSTILE]: 3, 'forged vote': 2 } });
    const metrics = measured({ node, servers: () => [serverCalled(HOSTILE)] });
    for (const reason of [HOSTILE, 'timeout', 'made-up-by-a-model', `slug-${'a'.repeat(30)}`]) {
      tell({ kind: 'revealed', caseId: digestOf('case'), seat: asSeatId(2), ballot: abstention(reason, BY) });
    }
    metrics.onAsk({
      kind: 'failed',
      seat: asSeatId(2),
      backing: { provider: HOSTILE, host: HOSTILE, model: HOSTILE },
      attempts: 1,
      tookMs: 10,
      costUsd: 0.25,
      code: 'server',
      message: HOSTILE,
    });
    const text = await metrics.text();
    expect(text).not.toContain('evil');
    expect(text).not.toContain('made-up');
    const after = scraped(text);
    expect(reading(after, 'conclave_abstentions_total', { reason: 'other' })).toBe(3);
    expect(reading(after, 'conclave_abstentions_total', { reason: 'timeout' })).toBe(1);
    expect(reading(after, 'conclave_messages_refused_total', { reason: 'other' })).toBe(3);
    expect(reading(after, 'conclave_messages_refused_total', { reason: 'forged vote' })).toBe(2);
    expect(reading(after, 'conclave_redis_connected', { server: 'redis-1' })).toBe(1);
    expect(reading(after, 'conclave_spend_usd_total', { seat: '2' })).toBe(0.25);
  });

  it('a node name of the roster that holds quotes is spelled so that a server can read it', async () => {
    const { node } = saying();
    const peers = new Map([['the "big" one\\', { height: 7, silentMs: 500 }]]);
    const after = scraped(await measured({ node, peers: () => peers }).text());
    expect(reading(after, 'conclave_peer_height')).toBe(7);
    expect(reading(after, 'conclave_peer_silence_seconds')).toBe(0.5);
  });

  it('there are never more series than seats, nodes, servers and known reasons make', async () => {
    const { node, tell } = saying();
    const many = <T>(make: (i: number) => T): readonly T[] =>
      Array.from({ length: 5_000 }, (_, i) => make(i));
    const metrics = measured({
      node,
      peers: () => new Map(many((i) => [`peer-${i}`, { height: i, silentMs: 0 }])),
      servers: () => many((i) => serverCalled(`redis:${i}`)),
    });
    for (const reason of many((i) => `reason-${i}`)) {
      tell({ kind: 'revealed', caseId: digestOf('case'), seat: asSeatId(2), ballot: abstention(reason, BY) });
    }
    const samples = [...scraped(await metrics.text()).values()].flatMap((family) => family.samples);
    expect(samples.length).toBeLessThan(1_200);
  });
});

describe('the names', () => {
  it('each metric says what it is for, and is called as Prometheus wants it', async () => {
    const { node } = saying();
    const families = scraped(await measured({ node, ofTheProcess: true }).text());
    expect([...families.keys()]).toContain('process_cpu_seconds_total');
    expect([...families.keys()]).toContain('nodejs_eventloop_lag_seconds');
    for (const [name, { help, type }] of families) {
      if (!name.startsWith('conclave_')) continue;
      expect(help.length, name).toBeGreaterThan(10);
      expect(name.endsWith('_total'), `${name} is a ${type}`).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(name, 'base units').not.toMatch(/_(ms|millis|minutes)\b/);
    }
  });

  it('every reason the engine refuses a message for has a name of its own', () => {
    const said = sourcesIn('src/consensus').flatMap((text) =>
      [...text.matchAll(/refuse\(\s*'([^']+)'/g)].map(([, reason]) => reason),
    );
    expect(said.length).toBeGreaterThan(10);
    const elsewhere = [
      'forged endorsement',
      'malformed endorsements',
      'malformed message',
      'malformed ordering',
    ];
    expect([...new Set([...said, ...elsewhere])].sort()).toEqual([...REFUSAL_REASONS].sort());
  });

  it('every way a provider fails has a name of its own', () => {
    const [contract = ''] = sourcesIn('src/providers', /^contract\.ts$/);
    const codes = /export const PROVIDER_ERROR_CODES = \[([\s\S]*?)\]/.exec(contract)?.[1] ?? '';
    const said = [...codes.matchAll(/'([^']+)',/g)].map(([, code]) => code);
    expect(said.length).toBeGreaterThan(10);
    expect([...ABSTENTION_REASONS]).toEqual(expect.arrayContaining(said));
  });
});

const BY = {
  rationale: digestOf('why'),
  model: digestOf('m'),
  prompt: digestOf('p'),
  provenance: 'live',
} as const;

function serverCalled(server: string): ServerStats {
  return {
    server,
    connected: true,
    published: 1,
    delivered: 2,
    duplicate: 3,
    dropped: { garbled: 4 },
    troubles: {},
    bytesOut: 5,
    bytesIn: 6,
    commands: 7,
    queuedOut: 8,
    queuedIn: 9,
    lagMs: 10,
  };
}

function sourcesIn(folder: string, name = /^(?!.*\.test\.ts$).*\.ts$/): readonly string[] {
  return readdirSync(folder)
    .filter((file) => name.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}
