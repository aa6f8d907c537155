// A seat's configuration as a text that a node keeps (node/roster/agent-shelf.ts): all that decides what a seat asks and how,
// after its file and models.yaml were read. Either may change or go; a case in flight is judged by what was in force
// when it opened (protocol 6.1).
import * as z from 'zod';
import { line, slug } from '../council/field-rules.ts';
import { ConclaveError } from '../errors.ts';
import { LENSES, STANCES, STRICTNESSES } from '../providers/contract.ts';
import { utf8 } from '../signing/bytes.ts';
import { canonicalText, parseCanonical } from '../signing/canonical.ts';
import { MAX_SEATS, type SeatId } from '../signing/seat-id.ts';
import { domainName, modelId, providerName } from './models-file.ts';
import type { SeatFile } from './seat-file.ts';

const FORMAT = 'conclave-agent-1';
const MAX_RECORD_BYTES = 64 * 1024;

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const amount = z.number().min(0);
const backing = z.strictObject({
  provider: providerName,
  host: domainName,
  model: modelId,
  contextTokens: count,
  price: z.exactOptional(z.strictObject({ inputUsd: amount, outputUsd: amount })),
  accepts: z.strictObject({ temperature: z.boolean(), seed: z.boolean(), schema: z.boolean() }),
});

const recordSchema = z.strictObject({
  format: z.literal(FORMAT),
  seat: z.custom<SeatId>(
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_SEATS,
  ),
  name: line(40),
  lens: z.enum(LENSES),
  stance: z.enum(STANCES),
  strictness: z.enum(STRICTNESSES),
  prompt: slug,
  developer: domainName,
  family: domainName,
  region: domainName.nullable(),
  sampling: z.strictObject({ temperature: z.number(), seed: z.exactOptional(z.int()), maxTokens: count }),
  limits: z.strictObject({ timeoutMs: count, maxTokens: count, maxUsd: amount }),
  backing,
  fallback: backing.nullable(),
  listed: z.boolean(),
});

export function recordOf(seat: SeatFile): Uint8Array {
  const { provider: _provider, model: _model, host: _host, stale: _stale, ...kept } = seat;
  const { region, fallback } = seat;
  return utf8(canonicalText({ ...kept, format: FORMAT, region: region ?? null, fallback: fallback ?? null }));
}

/** Undefined for what is no such text. */
export function seatFromRecord(bytes: Uint8Array): SeatFile | undefined {
  if (bytes.length > MAX_RECORD_BYTES) return undefined;
  const parsed = recordSchema.safeParse(canonicalIn(bytes));
  if (!parsed.success) return undefined;
  const { format: _format, region, fallback, ...kept } = parsed.data;
  const { provider, model, host } = kept.backing;
  return {
    ...kept,
    provider,
    model,
    host,
    region: region ?? undefined,
    ...(fallback === null ? {} : { fallback }),
    stale: [],
  };
}

function canonicalIn(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes);
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'bad-input') return undefined;
    throw error;
  }
}
