// How a seat came to its ballot, as the dossier keeps it: its reasons, what answered, what that cost. Off the ledger, and
// so held against the ballot, which names its reasons by their digest; a record that cannot be read counts as none.
import * as z from 'zod';
import type { Ballot } from '../../council/ballot.ts';
import { MAX_CRITERIA } from '../../council/charter.ts';
import { textOf, utf8 } from '../../signing/bytes.ts';
import { digestOfBytes } from '../../signing/digest.ts';

const count = z.int().min(0);

const recordSchema = z.looseObject({
  rationale: z.string(),
  reasons: z.record(z.string(), z.string()).optional().catch({}),
  servedBy: z.string().nullable().optional().catch(null),
  flags: z.array(z.string().max(80)).max(40).optional().catch([]),
  usage: z.looseObject({ inputTokens: count, outputTokens: count }).nullable().optional().catch(null),
  costUsd: z.number().min(0).nullable().optional().catch(null),
});

export interface Testimony {
  readonly rationale: string;
  /** whether these are the very words whose digest stands in the ballot */
  readonly genuine: boolean;
  /** by criterion; no digest covers them */
  readonly reasons: ReadonlyMap<string, string>;
  readonly servedBy: string | undefined;
  readonly flags: readonly string[];
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | undefined;
  readonly costUsd: number | undefined;
}

export function testimonyIn(record: Uint8Array, ballot: Ballot): Testimony | undefined {
  let value: unknown;
  try {
    value = JSON.parse(textOf(record));
  } catch {
    return undefined;
  }
  const { success, data } = recordSchema.safeParse(value);
  if (!success) return undefined;
  return {
    rationale: data.rationale,
    genuine: digestOfBytes(utf8(data.rationale)) === ballot.rationale,
    reasons: new Map(Object.entries(data.reasons ?? {}).slice(0, MAX_CRITERIA)),
    servedBy: data.servedBy ?? undefined,
    flags: data.flags ?? [],
    usage: data.usage ?? undefined,
    costUsd: data.costUsd ?? undefined,
  };
}
