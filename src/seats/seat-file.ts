// One file a seat (agents/seat-NN.yaml): who it is, from which angle it judges, and the model it asks with everything
// that model shares with others. Data, no code: a swap of a model is a change of one line here.
import * as z from 'zod';
import type { Provenance } from '../council/ballot.ts';
import { line, slug } from '../council/field-rules.ts';
import type { RosterSeat } from '../council/roster.ts';
import {
  type Backing,
  LENSES,
  type Lens,
  type Sampling,
  STANCES,
  STRICTNESSES,
  type Stance,
  type Strictness,
} from '../providers/contract.ts';
import { conform, type WrittenDocument } from '../providers/written-document.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import { asSeatId, MAX_SEATS, type SeatId } from '../signing/seat-id.ts';
import { domainName, type Models, modelId, providerName } from './models-file.ts';
import { NO_FALLBACK, type PlacedModel, placeModel } from './seat-model.ts';

/** The form of a prompt (prompts/forms) for a seat that names none. */
export const DEFAULT_FORM = 'audit-worksheet';
const MAX_SEED = 2_147_483_647;

const seatFileSchema = z
  .strictObject({
    seat: z.int().min(1).max(MAX_SEATS).transform(asSeatId),
    name: line(40),
    lens: z.enum(LENSES),
    stance: z.enum(STANCES).default('reviewer'),
    strictness: z.enum(STRICTNESSES).default('balanced'),
    /** as its maker calls it; the next four follow from it where models.yaml lists it */
    model: modelId,
    /** whose API is spoken */
    provider: z.exactOptional(providerName),
    /** who trained it, whoever serves it */
    developer: z.exactOptional(domainName),
    family: z.exactOptional(domainName),
    /** whose machines it runs on */
    host: z.exactOptional(domainName),
    region: z.exactOptional(domainName),
    sampling: z
      .strictObject({
        temperature: z.number().min(0).max(2),
        seed: z.exactOptional(z.int().min(0).max(MAX_SEED)),
      })
      .readonly(),
    /** the form its prompt has; one prompt is one fault too */
    prompt: slug.default(DEFAULT_FORM),
    limits: z
      .strictObject({
        timeoutMs: z.int().min(1).max(86_400_000),
        maxTokens: z.int().min(1).max(200_000),
        /** for all it asks in one case */
        maxUsd: z.number().min(0).max(10_000),
      })
      .readonly(),
    /** a second model of the same fault domains, asked when the first is out of reach */
    fallback: z.exactOptional(z.union([z.literal(NO_FALLBACK), modelId])),
  })
  .readonly();

/** A seat with the model its file names, as models.yaml knows it. */
export interface SeatFile extends Omit<PlacedModel, 'maxOutputTokens'> {
  readonly seat: SeatId;
  readonly name: string;
  readonly lens: Lens;
  readonly stance: Stance;
  readonly strictness: Strictness;
  readonly prompt: string;
  readonly provider: string;
  readonly model: string;
  readonly host: string;
  readonly region: string | undefined;
  readonly sampling: Sampling;
  readonly limits: { readonly timeoutMs: number; readonly maxTokens: number; readonly maxUsd: number };
}

export function seatOf(document: WrittenDocument, models: Models): SeatFile {
  const written = conform(document, seatFileSchema, 'seat');
  const { maxOutputTokens, ...placed } = placeModel(written, models, document);
  const { seat, name, lens, stance, strictness, prompt, region, limits } = written;
  const { provider, model, host } = placed.backing;
  // A model that answers more briefly than its seat allows is no reason to refuse a swap.
  const maxTokens = Math.min(limits.maxTokens, maxOutputTokens);
  return {
    seat,
    name,
    lens,
    stance,
    strictness,
    prompt,
    provider,
    model,
    host,
    region,
    sampling: { ...written.sampling, maxTokens },
    limits: { ...limits, maxTokens },
    ...placed,
  };
}

export function backingOf({ backing }: SeatFile): Backing {
  return backing;
}

export function fallbackOf({ fallback }: SeatFile): Backing | undefined {
  return fallback;
}

/** Whether and as what a seat is answered for by something other than the model its file names. */
type Answering = { readonly name: string; readonly provenance: Provenance };

/** What stands in roster and ballots for the configuration that answers. */
export function modelDigest(seat: SeatFile, answering: Answering): Digest {
  const known = modelDigests.get(seat) ?? new Map<string, Digest>();
  modelDigests.set(seat, known);
  const { provenance, name } = answering;
  const digest = known.get(`${provenance} ${name}`) ?? digestOf(configurationOf(seat, answering));
  known.set(`${provenance} ${name}`, digest);
  return digest;
}

const modelDigests = new WeakMap<SeatFile, Map<string, Digest>>();

/** All that decides which answer comes back, and nothing that only decides what is paid or waited for. */
function configurationOf(seat: SeatFile, answering: Answering): object {
  const { lens, stance, strictness, prompt, provider, model, developer, family, host, region } = seat;
  const reading = { lens, stance, strictness };
  if (answering.provenance !== 'live') return { ...reading, ...STAND_IN, provider: answering.name };
  return {
    ...reading,
    prompt,
    provider,
    model,
    developer,
    family,
    host,
    region: region ?? null,
    sampling: seat.sampling,
    fallback: seat.fallback?.model ?? null,
  };
}

/** No seat that is not live is shown under a maker's name (protocol 6.4); all stand-ins have one maker: us. */
const STAND_IN = { developer: 'conclave', host: 'this machine' } as const;

export type SeatPresentation = Pick<
  RosterSeat,
  'seat' | 'name' | 'developer' | 'family' | 'host' | 'model' | 'provenance'
>;

/** How a seat stands in the roster when `answering` is what answers for it. */
export function presentationOf(seat: SeatFile, answering: Answering): SeatPresentation {
  const { seat: id, name, developer, family, host } = seat;
  const common = { seat: id, name, model: modelDigest(seat, answering) };
  const { provenance } = answering;
  if (provenance === 'live') return { ...common, developer, family, host };
  const kind = provenance === 'offline' ? 'checklist' : provenance;
  return { ...common, ...STAND_IN, family: kind, provenance };
}
