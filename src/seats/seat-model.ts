// What model a seat file means, and with whom the seat shares its faults. The model's name decides: whose it is stands
// in models.yaml. Seat files say it too, for people and scripts to read; where a line no longer fits the model, it
// is stale, and until someone tidies it the seat counts in both domains, so that neither an old line nor a new one
// can hide a seat from a cap (protocol 6.2).
import type { DomainKind } from '../council/fault-domains.ts';
import { badInput, type ConclaveError } from '../errors.ts';
import type { Backing } from '../providers/contract.ts';
import type { WrittenDocument } from '../providers/written-document.ts';
import { type Model, type Models, usualHost } from './models-file.ts';

/** As much of a seat file as says what model it means. */
export interface NamedModel {
  readonly model: string;
  readonly provider?: Model['provider'];
  readonly developer?: string;
  readonly family?: string;
  readonly host?: string;
  readonly fallback?: string;
}

/** A line that does not fit the model the file names. */
export interface StaleLine {
  readonly field: 'provider' | 'developer' | 'family' | 'host' | 'fallback';
  readonly says: string;
  /** what models.yaml knows; for a fallback, none */
  readonly is: string;
  readonly file: string;
  readonly line: number | undefined;
}

export interface PlacedModel {
  readonly backing: Backing;
  readonly developer: string;
  readonly family: string;
  readonly fallback?: Backing | undefined;
  readonly maxOutputTokens: number;
  /** whether models.yaml lists it */
  readonly listed: boolean;
  readonly stale: readonly StaleLine[];
}

export const NO_FALLBACK = 'none';

/** A model nobody listed: a modest context, and nothing is sent that its maker might refuse. */
const UNLISTED = {
  contextTokens: 32_768,
  maxOutputTokens: 8_192,
  accepts: { temperature: false, seed: false, schema: false },
} as const;

const PLACES = ['provider', 'developer', 'family', 'host'] as const;

export function placeModel(written: NamedModel, models: Models, document: WrittenDocument): PlacedModel {
  const model = models.get(written.model);
  return model === undefined
    ? placeUnlisted(written, models, document)
    : placeListed(written, model, models, document);
}

/** The domains a seat counts in: what its model is, and what its file still says. */
export function domainsOfSeat(
  seat: Pick<PlacedModel, 'developer' | 'family' | 'stale'> & { readonly host: string },
): Readonly<Record<Exclude<DomainKind, 'node'>, readonly string[]>> {
  const both = (field: 'developer' | 'family' | 'host') => [
    seat[field],
    ...seat.stale.filter((line) => line.field === field).map(({ says }) => says),
  ];
  return { developer: both('developer'), family: both('family'), host: both('host') };
}

function placeUnlisted(written: NamedModel, models: Models, document: WrittenDocument): PlacedModel {
  const { provider, developer, family, host } = written;
  if (provider === undefined || developer === undefined || family === undefined || host === undefined) {
    const missing = PLACES.filter((field) => written[field] === undefined).join(', ');
    throw faultAt(
      document,
      'model',
      `models.yaml does not list "${written.model}": list it there, or say its ${missing} here`,
    );
  }
  const { contextTokens, maxOutputTokens, accepts } = UNLISTED;
  return {
    backing: { provider, host, model: written.model, contextTokens, accepts },
    developer,
    family,
    ...fallbackOf(written, { provider, developer, family, host }, models, document),
    maxOutputTokens,
    listed: false,
    stale: [],
  };
}

function placeListed(
  written: NamedModel,
  model: Model,
  models: Models,
  document: WrittenDocument,
): PlacedModel {
  const { provider, developer, family } = model;
  const host = hostOf(written, model, models);
  const place = { provider, developer, family, host };
  const stale = PLACES.flatMap((field): StaleLine[] => {
    const says = written[field];
    if (says === undefined || says === place[field]) return [];
    return [{ field, says, is: place[field], ...placeOf(document, field) }];
  });
  const { fallback, outdated } = fallbackOf(written, place, models, document);
  return {
    backing: backingFrom(model, host),
    developer,
    family,
    ...(fallback === undefined ? {} : { fallback }),
    maxOutputTokens: model.maxOutputTokens,
    listed: true,
    stale: outdated === undefined ? stale : [...stale, outdated],
  };
}

/**
 * A host line stands as long as the file speaks the model's API: its maker's models are hosted by others too. When
 * the model was swapped for one of another API, the line is about machines that never served it.
 */
function hostOf(written: NamedModel, model: Model, models: Models): string {
  const usual = usualHost(model);
  if (written.host === undefined || written.provider === model.provider) return written.host ?? usual;
  if (written.provider !== undefined) return usual;
  const foreign = [...models.values()].some(
    (other) => other.provider !== model.provider && usualHost(other) === written.host,
  );
  return foreign || model.host !== undefined ? usual : written.host;
}

type Place = Pick<Model, 'provider' | 'developer' | 'family'> & { readonly host: string };

/** A second model is asked when the first is out of reach; it must not carry the seat into other domains. */
function fallbackOf(
  written: NamedModel,
  place: Place,
  models: Models,
  document: WrittenDocument,
): { readonly fallback?: Backing; readonly outdated?: StaleLine } {
  const { fallback: id } = written;
  if (id === undefined || id === NO_FALLBACK) return {};
  const second = models.get(id);
  if (second === undefined) {
    throw faultAt(
      document,
      'fallback',
      `expected a model that models.yaml lists, or ${NO_FALLBACK}, found "${id}"`,
    );
  }
  if (id === written.model)
    throw faultAt(document, 'fallback', 'expected another model than the one it stands in for');
  if (sameDomains(second, place)) return { fallback: backingFrom(second, place.host) };
  // A swap is one line: a fallback of the model that was swapped out is as stale as the lines beside it.
  const says = { ...place, ...definedPlaces(written) };
  if (sameDomains(second, says)) {
    const outdated: StaleLine = {
      field: 'fallback',
      says: id,
      is: NO_FALLBACK,
      ...placeOf(document, 'fallback'),
    };
    return { outdated };
  }
  throw faultAt(
    document,
    'fallback',
    `"${id}" is ${second.developer}'s (${second.family}, by ${second.provider}); expected a second model of ` +
      `${place.developer}'s ${place.family} by ${place.provider}, or ${NO_FALLBACK}: a fallback must share all fault domains`,
  );
}

function sameDomains(model: Model, place: Omit<Place, 'host'>): boolean {
  return (
    model.provider === place.provider && model.developer === place.developer && model.family === place.family
  );
}

function definedPlaces({ provider, developer, family }: NamedModel): Partial<Omit<Place, 'host'>> {
  return {
    ...(provider === undefined ? {} : { provider }),
    ...(developer === undefined ? {} : { developer }),
    ...(family === undefined ? {} : { family }),
  };
}

function backingFrom({ id, provider, contextTokens, price, accepts }: Model, host: string): Backing {
  return {
    provider,
    host,
    model: id,
    contextTokens,
    accepts,
    ...(price === undefined ? {} : { price }),
  };
}

function placeOf(document: WrittenDocument, field: string): Pick<StaleLine, 'file' | 'line'> {
  return { file: document.file, line: document.lineOf([field]) };
}

function faultAt(document: WrittenDocument, field: string, message: string): ConclaveError {
  const line = document.lineOf([field]);
  return badInput(`seat, ${field}: ${message}`, {
    file: document.file,
    ...(line === undefined ? {} : { line }),
  });
}
