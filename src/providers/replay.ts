// Answers from a file, a seat each: for trials, demonstrations and tests of everything around a model. A bare
// verdict stands for findings that give it; a seat may also fail, be slow, send rubbish or keep silent. What it
// answers is marked `replay` in every ballot (protocol 6.4).
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { VERDICTS } from '../council/ballot.ts';
import { FINDINGS } from '../council/quantise.ts';
import { MAX_SEATS } from '../signing/seat-id.ts';
import { type Answer, type Provider, ProviderError, type Question } from './contract.ts';
import { conform, readJsonFile } from './written-document.ts';

const MAX_DELAY_MS = 3_600_000;
const ERRORS = ['timeout', 'refusal', 'malformed', 'rate-limit', 'auth', 'server'] as const;

const script = z
  .strictObject({
    verdict: z.exactOptional(z.enum(VERDICTS)),
    findings: z.exactOptional(z.record(z.string().max(40), z.enum(FINDINGS))),
    confidence: z.exactOptional(z.int().min(0).max(100)),
    rationale: z.exactOptional(z.string().max(10_000)),
    error: z.exactOptional(z.enum(ERRORS)),
    raw: z.exactOptional(z.string().max(200_000)),
    silent: z.exactOptional(z.literal(true)),
    delayMs: z.exactOptional(z.int().min(0).max(MAX_DELAY_MS)),
  })
  .refine(({ verdict, findings, error, raw, silent }) => {
    const ways = [verdict ?? findings, error, raw, silent].filter((way) => way !== undefined);
    return ways.length === 1;
  }, 'expected one of "verdict" or "findings", "error", "raw", "silent"')
  .readonly();

const replaySchema = z
  .strictObject({
    default: z.exactOptional(script),
    seats: z.exactOptional(
      z.record(
        z
          .string()
          .refine(
            (seat) => /^[1-9]\d{0,2}$/.test(seat) && Number(seat) <= MAX_SEATS,
            `expected seats from 1 to ${MAX_SEATS}`,
          ),
        script,
      ),
    ),
  })
  .readonly();

export type SeatScript = z.infer<typeof script>;
export type Replay = z.infer<typeof replaySchema>;

/** A seat that the file does not name, where there is no default, never judges. */
const SILENT: SeatScript = { silent: true };

export function loadReplay(file: string): Replay {
  return conform(readJsonFile(file), replaySchema, 'replay file');
}

export function replayProvider(replay: Replay): Provider {
  return {
    name: 'replay',
    provenance: 'replay',
    ask: (question, signal) =>
      play(question, replay.seats?.[question.seat] ?? replay.default ?? SILENT, signal),
  };
}

async function play(question: Question, script: SeatScript, signal?: AbortSignal): Promise<Answer> {
  if (script.delayMs !== undefined && script.delayMs > 0) {
    try {
      await delay(script.delayMs, undefined, signal === undefined ? {} : { signal });
    } catch (cause) {
      throw new ProviderError('cancelled', `seat ${question.seat}: the question was withdrawn`, { cause });
    }
  }
  if (script.silent === true) throw new ProviderError('silent', `seat ${question.seat} keeps silent`);
  if (script.error !== undefined) {
    throw new ProviderError(script.error, `seat ${question.seat}: the replay file says ${script.error}`);
  }
  return { text: script.raw ?? answerText(question, script), model: 'replay', provenance: 'replay' };
}

/** The text a model would have sent for it. */
function answerText({ criteria }: Question, script: SeatScript): string {
  const { verdict, findings, confidence = 90, rationale } = script;
  if (verdict === 'abstain') return JSON.stringify({ abstain: 'undecided', rationale: rationale ?? '' });
  const firstMandatory = criteria.find(({ mandatory }) => mandatory);
  const implied = criteria.map((criterion) => ({
    criterion: criterion.id,
    finding: verdict === 'reject' && criterion === firstMandatory ? 'not-met' : 'met',
    evidence: [],
  }));
  const told =
    findings &&
    Object.entries(findings).map(([criterion, finding]) => ({ criterion, finding, evidence: [] }));
  return JSON.stringify({
    findings: told ?? implied,
    ...(verdict === undefined ? {} : { verdict }),
    confidence,
    rationale: rationale ?? `Replayed from a file${verdict === undefined ? '' : `: ${verdict}`}.`,
  });
}
