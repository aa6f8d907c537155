// One file a seat (agents/seat-NN.yaml): who it is, from which angle it judges, and the model it asks with everything
// that model shares with others. Data, no code: a swap of a model is a change of a line here.
import * as z from 'zod';
import type { Provenance } from '../council/ballot.ts';
import { line, slug } from '../council/field-rules.ts';
import type { RosterSeat } from '../council/roster.ts';
import { type Backing, LENSES, STANCES, STRICTNESSES } from '../providers/contract.ts';
import { conform, readYamlFile } from '../providers/written-document.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import { asSeatId, MAX_SEATS } from '../signing/seat-id.ts';

const domain = line(40);

export const seatFileSchema = z
  .strictObject({
    seat: z.int().min(1).max(MAX_SEATS).transform(asSeatId),
    name: line(40),
    lens: z.enum(LENSES),
    stance: z.enum(STANCES).default('reviewer'),
    strictness: z.enum(STRICTNESSES).default('balanced'),
    /** whose API is spoken */
    provider: slug,
    /** as its maker calls it */
    model: line(80),
    /** who trained it, whoever serves it */
    developer: domain,
    family: domain,
    /** whose machines it runs on */
    host: domain,
    sampling: z
      .strictObject({ temperature: z.number().min(0).max(2), maxTokens: z.int().min(1).max(200_000) })
      .readonly(),
    limits: z.strictObject({ timeoutMs: z.int().min(1).max(86_400_000) }).readonly(),
  })
  .readonly();

export type SeatFile = z.infer<typeof seatFileSchema>;

export function backingOf({ provider, host, model }: SeatFile): Backing {
  const accepts = { temperature: true, seed: true, schema: true };
  return { provider, host, model, contextTokens: 128_000, accepts };
}

export function loadSeatFile(file: string): SeatFile {
  return conform(readYamlFile(file), seatFileSchema, 'seat');
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

function configurationOf(seat: SeatFile, answering: Answering): object {
  const { lens, stance, strictness, provider, model, developer, family, host, sampling } = seat;
  const reading = { lens, stance, strictness };
  return answering.provenance === 'live'
    ? { ...reading, provider, model, developer, family, host, sampling }
    : { ...reading, ...STAND_IN, provider: answering.name };
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
