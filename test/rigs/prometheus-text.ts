// Reads the text format of Prometheus as strictly as a server does, so that a test sees what a server would.

export interface Sample {
  /** with its suffix, such as _bucket */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

/** Metrics by their name. */
export type Scrape = ReadonlyMap<string, Family>;

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** Throws on anything a server would refuse. */
export function scraped(text: string): Scrape {
  const families = new Map<string, { help: string; type: string; samples: Sample[] }>();
  const familyOf = (name: string) => {
    const family = families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, ''));
    if (family === undefined) throw new Error(`a sample before its HELP: ${name}`);
    return family;
  };
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, comment, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (comment === 'HELP') {
      if (!NAME.test(name) || families.has(name)) throw new Error(`bad or doubled: ${line}`);
      families.set(name, { help: rest, type: '', samples: [] });
    } else if (comment === 'TYPE') {
      familyOf(name).type = rest;
    } else {
      const sample = sampleIn(line);
      familyOf(sample.name).samples.push(sample);
    }
  }
  return families;
}

function sampleIn(line: string): Sample {
  const [, name = '', inside = '', said = ''] = SAMPLE.exec(line) ?? [];
  if (name === '') throw new Error(`not a sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inside.length) {
    const at = LABEL.lastIndex;
    const [, label = '', value = ''] = LABEL.exec(inside) ?? [];
    if (label === '' || LABEL.lastIndex === at) throw new Error(`bad labels: ${line}`);
    labels[label] = value;
  }
  const value = said === '+Inf' ? Number.POSITIVE_INFINITY : said === 'Nan' ? Number.NaN : Number(said);
  return { name, labels, value };
}

function allSamples(scrape: Scrape): readonly Sample[] {
  return [...scrape.values()].flatMap(({ samples }) => samples);
}

function spelled({ name, labels }: Sample): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0
    ? name
    : `${name}{${pairs.map(([label, value]) => `${label}="${value}"`).join()}}`;
}

/** By how much each series whose name fits has moved. */
export function changed(before: Scrape, after: Scrape, name: RegExp): Readonly<Record<string, number>> {
  const earlier = new Map(allSamples(before).map((sample) => [spelled(sample), sample.value]));
  return Object.fromEntries(
    allSamples(after)
      .filter((sample) => name.test(sample.name))
      .map((sample): [string, number] => [
        spelled(sample),
        sample.value - (earlier.get(spelled(sample)) ?? 0),
      ])
      .filter(([, by]) => by !== 0),
  );
}

/** Undefined where there is no such series. */
export function reading(
  scrape: Scrape,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = Object.entries(labels);
  return allSamples(scrape).find(
    (sample) => sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value),
  )?.value;
}
