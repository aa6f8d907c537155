// From question to ballot: what a seat answers follows from its findings, and what fails abstains with its reason.
import { describe, expect, it } from 'vitest';
import { ballotOf, verdictFollows } from '../council/ballot.ts';
import type { CaseSource } from '../council/case-file.ts';
import type { Policy } from '../council/charter.ts';
import { type Provider, ProviderError } from '../providers/contract.ts';
import { replayProvider, type SeatScript } from '../providers/replay.ts';
import { parseYaml } from '../providers/written-document.ts';
import { utf8 } from '../signing/bytes.ts';
import { digestOfBytes } from '../signing/digest.ts';
import { judge } from './judge.ts';
import { loadPrompts } from './prompt-files.ts';
import { presentationOf, type SeatFile, seatOf } from './seat-file.ts';

const policy: Policy = {
  criteria: [
    { id: 'safe', title: 'Safe', text: 'It is safe.', mandatory: true },
    { id: 'nice', title: 'Nice', text: 'It is nice.', mandatory: false },
  ],
};
const source: CaseSource = {
  type: 'certification',
  subject: 'x-1',
  title: 'X',
  fields: { version: '1' },
  evidence: [{ id: 'e1', title: 'Report', text: 'Tested.' }],
};

function seatWith(over: object = {}): SeatFile {
  const file = {
    seat: 7,
    name: 'Cedar',
    lens: 'safety',
    provider: 'anthropic',
    model: 'claude-opus-4-1',
    developer: 'anthropic',
    family: 'claude',
    host: 'anthropic',
    sampling: { temperature: 0 },
    limits: { timeoutMs: 50, maxTokens: 100, maxUsd: 1 },
    ...over,
  };
  return seatOf(parseYaml(JSON.stringify(file), 'seat-07.yaml'), new Map());
}

const prompts = loadPrompts('prompts');
const seat = seatWith();
const replay = (script: SeatScript) => replayProvider({ default: script });
const sits = (provider: Provider, signal?: AbortSignal) =>
  judge(
    { caseId: 'a-case', seat, source, policy },
    signal === undefined ? { provider, prompts } : { provider, prompts, signal },
  );

const live = (ask: Provider['ask']): Provider => ({ name: 'anthropic', provenance: 'live', ask });

describe('a judgement', () => {
  it.each<[SeatScript, object]>([
    [{ verdict: 'approve' }, { verdict: 'approve', findings: { safe: 'met', nice: 'met' }, reason: null }],
    [{ verdict: 'reject' }, { verdict: 'reject', findings: { safe: 'not-met', nice: 'met' } }],
    [{ findings: { safe: 'met', nice: 'not-met' } }, { verdict: 'approve' }],
    [{ findings: { nice: 'met' } }, { verdict: 'reject', findings: { safe: 'insufficient', nice: 'met' } }],
    [{ verdict: 'approve', findings: { safe: 'not-met' } }, { verdict: 'reject' }],
    [{ verdict: 'abstain' }, { verdict: 'abstain', reason: 'undecided', findings: {}, confidence: 0 }],
    [{ error: 'refusal' }, { verdict: 'abstain', reason: 'refusal' }],
    [{ error: 'rate-limit' }, { verdict: 'abstain', reason: 'rate-limit' }],
    [{ raw: 'not json' }, { verdict: 'abstain', reason: 'malformed' }],
    [{ raw: "I'm sorry, I can't." }, { verdict: 'abstain', reason: 'refusal' }],
    [
      { verdict: 'approve', delayMs: 10_000 },
      { verdict: 'abstain', reason: 'timeout' },
    ],
  ])('%j', async (script, expected) => {
    const judgement = await sits(replay(script));
    expect(judgement?.ballot).toMatchObject({ ...expected, provenance: 'replay' });
    expect(ballotOf({ ...judgement?.ballot })).toEqual(judgement?.ballot);
    if (judgement !== undefined) {
      expect(verdictFollows(judgement.ballot, policy)).toBe(true);
      expect(judgement.ballot.rationale).toBe(digestOfBytes(utf8(judgement.rationale)));
    }
  });

  it('a silent seat gives no ballot at all', async () => {
    expect(await sits(replay({ silent: true }))).toBeUndefined();
  });

  it('a question that is withdrawn gives no ballot', async () => {
    expect(await sits(replay({ verdict: 'approve' }), AbortSignal.abort())).toBeUndefined();
    const controller = new AbortController();
    const judging = sits(replay({ verdict: 'approve', delayMs: 10_000 }), controller.signal);
    controller.abort();
    expect(await judging).toBeUndefined();
  });

  it('a provider that never answers and heeds no signal is a timeout', async () => {
    const judgement = await sits(live(() => new Promise(() => {})));
    expect(judgement?.ballot).toMatchObject({ verdict: 'abstain', reason: 'timeout', provenance: 'live' });
  });

  it('another model than the one that was asked is flagged; a dated version of it is not', async () => {
    const text = '{"findings":{"safe":"met","nice":"met"}}';
    const flags = async (model: string) =>
      (await sits(live(async () => ({ text, model, provenance: 'live' }))))?.flags;
    expect(await flags('cheaper-model')).toContain('served-by-another');
    expect(await flags(`models/${seat.model}-2026-01-31`)).not.toContain('served-by-another');
  });

  it('a model that wrote no answer is asked once more, and both are paid for', async () => {
    const said = ['I shall think about it.', '{"findings":{"safe":"met","nice":"met"}}', 'never asked for'];
    let asked = 0;
    const judgement = await sits(
      live(async () => ({ text: said[asked++] ?? '', model: 'm', provenance: 'live', costUsd: 2 })),
    );
    expect(asked).toBe(2);
    expect(judgement).toMatchObject({ ballot: { verdict: 'approve' }, costUsd: 4 });
    expect(judgement?.raw).toContain('I shall think');
  });

  it('a model that writes none twice is malformed; one that declines is not asked again', async () => {
    const counting = (text: string) => {
      let asked = 0;
      const provider = live(async () => {
        asked++;
        return { text, model: 'm', provenance: 'live' };
      });
      return { provider, count: () => asked };
    };
    const rubbish = counting('rubbish');
    expect((await sits(rubbish.provider))?.ballot.reason).toBe('malformed');
    expect(rubbish.count()).toBe(2);
    const declining = counting('I cannot judge this.');
    expect((await sits(declining.provider))?.ballot.reason).toBe('refusal');
    expect(declining.count()).toBe(1);
  });

  it('a provider that breaks its contract costs one abstention', async () => {
    const judgement = await sits(
      live(() => {
        throw new TypeError('undefined is not a function');
      }),
    );
    expect(judgement?.ballot).toMatchObject({ verdict: 'abstain', reason: 'unexpected' });
    const failing = live(async () => {
      throw new ProviderError('auth', 'no key');
    });
    expect((await sits(failing))?.ballot).toMatchObject({ verdict: 'abstain', reason: 'auth' });
  });

  it('keeps what came back and what was odd about it', async () => {
    const raw = 'Here: {"findings":{"safe":"met","nice":"met"},"verdict":"reject","confidence":70}';
    const judgement = await sits(replay({ raw }));
    expect(judgement).toMatchObject({
      raw,
      servedBy: 'replay',
      flags: ['citation-missing', 'text-around-answer', 'verdict-contradicts-findings'],
      ballot: { verdict: 'approve', confidence: 70 },
    });
  });

  it('the digest of a configuration changes with the model and with what answers', async () => {
    const answering = live(async () => ({ text: '', model: 'm', provenance: 'live' }));
    const other = seatWith({ model: 'claude-opus-4-5' });
    const digest = (of: SeatFile, by: Provider) => presentationOf(of, by).model;
    expect(digest(seat, answering)).not.toBe(digest(other, answering));
    expect(digest(seat, answering)).not.toBe(digest(seat, replay({ verdict: 'approve' })));
    expect((await sits(answering))?.ballot.model).toBe(digest(seat, answering));
  });

  it('no seat that is not live is shown under a maker', () => {
    const shown = presentationOf(seat, replay({ verdict: 'approve' }));
    expect(shown).toMatchObject({ developer: 'conclave', family: 'replay', provenance: 'replay' });
    expect(JSON.stringify(shown)).not.toMatch(/anthropic|claude/);
    const answering = live(async () => ({ text: '', model: 'm', provenance: 'live' }));
    expect(presentationOf(seat, answering)).toMatchObject({ developer: 'anthropic', family: 'claude' });
    expect(presentationOf(seat, answering)).not.toHaveProperty('provenance');
  });
});
