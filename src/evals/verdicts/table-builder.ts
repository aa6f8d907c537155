// Puts recorded verdicts together to one table, row by row, in whatever order they come. A row is a stranger's word: what it
// says of an item or a model must be what all rows said of it, and nobody gives a verdict on an item twice.
import { DECEPTIVE } from '../../council/field-rules.ts';
import { badInput, type ErrorPlace } from '../../errors.ts';
import { type Column, type Columns, found, type Row, unexpected } from './verdict-columns.ts';
import {
  ABSTAIN,
  APPROVE,
  DOMAINS,
  type Domain,
  MISSING,
  NO_CONFIDENCE,
  REJECT,
  tableOf,
  type VerdictTable,
  type Voter,
} from './verdict-table.ts';

// What a table may hold at most, so that memory is bounded whatever a file says. A cell is a byte, two where there are
// confidences, and half as much again while rows grow; names of items weigh most where they are many.
export const MAX_VOTERS = 10_000;
export const MAX_ITEMS = 4_000_000;
export const MAX_CELLS = 2 ** 28;
export const MAX_NAME_CHARS = 256;

interface Dataset {
  readonly name: string;
  readonly items: Map<string, number>;
  readonly clusters: Map<string, number>;
}

interface VoterInMaking {
  readonly voter: Voter;
  verdicts: Uint8Array;
  confidences: Uint8Array | undefined;
}

export class TableBuilder {
  readonly #names: Columns['names'];
  readonly #datasets = new Map<string, Dataset>();
  readonly #voters: VoterInMaking[] = [];
  readonly #byModel = new Map<string, VoterInMaking>();
  /** by item */
  readonly #labels: number[] = [];
  readonly #clusters: number[] = [];
  /** by cluster; an item without one is a cluster without a name */
  readonly #clusterNames: (string | undefined)[] = [];
  #dataset: Dataset | undefined;
  #count = 0;

  constructor(names: Columns['names']) {
    this.#names = names;
  }

  /** How many verdicts were added. */
  get count(): number {
    return this.#count;
  }

  add(row: Row, place: ErrorPlace): void {
    const dataset =
      this.#dataset !== undefined && this.#dataset.name === row.dataset
        ? this.#dataset
        : this.#enterDataset(row, place);
    const item = this.#itemOf(dataset, row, place);
    const maker = this.#voterOf(row, place);
    const verdict = codeOf(row.verdict);
    if (verdict === MISSING) throw unexpected(this.#names.verdict, VERDICTS, row.verdict, place);
    if (item >= maker.verdicts.length) maker.verdicts = grown(maker.verdicts, item, MISSING);
    if (maker.verdicts[item] !== MISSING) {
      throw badInput(
        `expected one verdict of a model on an item, found a second one of ${found(row.model)} on ${found(row.item)}`,
        place,
      );
    }
    maker.verdicts[item] = verdict;
    if (row.confidence !== undefined && row.confidence !== null) {
      const { confidence } = row;
      if (!isPercent(confidence)) {
        throw unexpected(this.#names.confidence, 'whole percent from 0 to 100', confidence, place);
      }
      let list = maker.confidences ?? new Uint8Array();
      if (item >= list.length) list = grown(list, item, NO_CONFIDENCE);
      list[item] = confidence;
      maker.confidences = list;
    }
    this.#count++;
  }

  /** The table, and what its dataset is called. */
  finish(): { readonly table: VerdictTable; readonly dataset: string } {
    const count = this.#labels.length;
    const confident = this.#voters.some(({ confidences }) => confidences !== undefined);
    const confidences = confident
      ? this.#voters.map((maker) => taken(maker.confidences ?? new Uint8Array(), count, NO_CONFIDENCE))
      : undefined;
    const verdicts = this.#voters.map((maker) => {
      const row = taken(maker.verdicts, count, MISSING);
      maker.verdicts = row;
      return row;
    });
    const table = tableOf({
      voters: this.#voters.map(({ voter }) => voter),
      items: {
        names: this.#itemNames(),
        labels: Uint8Array.from(this.#labels),
        clusters: Uint32Array.from(this.#clusters),
        clusterCount: this.#clusterNames.length,
      },
      verdicts,
      ...(confidences === undefined ? {} : { confidences }),
    });
    return { table, dataset: [...this.#datasets.keys()].join(' + ') };
  }

  #enterDataset(row: Row, place: ErrorPlace): Dataset {
    const name = this.#text(row, 'dataset', place);
    let dataset = this.#datasets.get(name);
    if (dataset === undefined) {
      this.#checkName('dataset', name, place);
      dataset = { name, items: new Map(), clusters: new Map() };
      this.#datasets.set(name, dataset);
    }
    this.#dataset = dataset;
    return dataset;
  }

  #itemOf(dataset: Dataset, row: Row, place: ErrorPlace): number {
    const name = this.#text(row, 'item', place);
    const label = codeOf(row.label);
    if (label === MISSING) throw unexpected(this.#names.label, VERDICTS, row.label, place);
    const cluster = this.#maybe(row, 'cluster', place);
    const item = dataset.items.get(name);
    if (item === undefined) return this.#newItem(dataset, name, label, cluster, place);
    if (this.#labels[item] !== label) {
      throw badInput(
        `expected one label for an item, found that of ${found(name)} to be another one, ${found(row.label)}`,
        place,
      );
    }
    const before = this.#clusterNames[this.#clusters[item] ?? 0];
    if (before !== cluster) throw changed('cluster', 'an item', name, before, cluster, place);
    return item;
  }

  #newItem(
    dataset: Dataset,
    name: string,
    label: number,
    cluster: string | undefined,
    place: ErrorPlace,
  ): number {
    const item = this.#labels.length;
    this.#checkName('item', name, place);
    this.#checkSize(this.#voters.length, item + 1, place);
    let number = cluster === undefined ? undefined : dataset.clusters.get(cluster);
    if (number === undefined) {
      number = this.#clusterNames.length;
      this.#clusterNames.push(cluster);
      if (cluster !== undefined) {
        this.#checkName('cluster', cluster, place);
        dataset.clusters.set(cluster, number);
      }
    }
    dataset.items.set(name, item);
    this.#labels.push(label);
    this.#clusters.push(number);
    return item;
  }

  #voterOf(row: Row, place: ErrorPlace): VoterInMaking {
    const name = this.#text(row, 'model', place);
    const maker = this.#byModel.get(name);
    const vendor = this.#text(row, 'vendor', place);
    if (maker === undefined) return this.#newVoter(row, name, vendor, place);
    const { domains } = maker.voter;
    if (domains.developer !== vendor)
      throw changed('vendor', 'a model', name, domains.developer, vendor, place);
    for (const domain of OTHER_DOMAINS) {
      if (domains[domain] === row[domain]) continue;
      const value = this.#maybe(row, domain, place);
      if (domains[domain] !== value) throw changed(domain, 'a model', name, domains[domain], value, place);
    }
    return maker;
  }

  #newVoter(row: Row, name: string, vendor: string, place: ErrorPlace): VoterInMaking {
    this.#checkName('model', name, place);
    this.#checkName('vendor', vendor, place);
    this.#checkSize(this.#voters.length + 1, this.#labels.length, place);
    const domains: Partial<Record<Domain, string>> = { developer: vendor };
    for (const domain of OTHER_DOMAINS) {
      const value = this.#maybe(row, domain, place);
      if (value === undefined) continue;
      this.#checkName(domain, value, place);
      domains[domain] = value;
    }
    const maker = { voter: { name, domains }, verdicts: new Uint8Array(), confidences: undefined };
    this.#voters.push(maker);
    this.#byModel.set(name, maker);
    return maker;
  }

  #text(row: Row, column: Column, place: ErrorPlace): string {
    const value = row[column];
    if (typeof value !== 'string') throw unexpected(this.#names[column], 'text', value, place);
    return value;
  }

  #maybe(row: Row, column: Column, place: ErrorPlace): string | undefined {
    const value = row[column];
    return value === undefined || value === null ? undefined : this.#text(row, column, place);
  }

  /** Names end up in reports and on terminals. Each is looked at once, when it is new. */
  #checkName(column: Column, name: string, place: ErrorPlace): void {
    if (name === '' || name.length > MAX_NAME_CHARS || /[\n\t]/.test(name) || DECEPTIVE.test(name)) {
      const expected = `1 to ${MAX_NAME_CHARS} characters in one line, none of them a control or invisible one,`;
      throw unexpected(this.#names[column], expected, name, place);
    }
  }

  #checkSize(voters: number, items: number, place: ErrorPlace): void {
    if (voters <= MAX_VOTERS && items <= MAX_ITEMS && voters * items <= MAX_CELLS) return;
    throw badInput(
      `expected at most ${MAX_VOTERS} models, ${MAX_ITEMS} items and ${MAX_CELLS} pairs of them, found ${voters} models and ${items} items`,
      place,
    );
  }

  /** Items of several datasets are told apart by the dataset's name before their own. */
  #itemNames(): readonly string[] {
    const several = this.#datasets.size > 1;
    const names: string[] = [];
    for (const { name, items } of this.#datasets.values()) {
      for (const [item, number] of items) names[number] = several ? `${name}: ${item}` : item;
    }
    if (several && new Set(names).size < names.length) {
      throw badInput('expected items of several datasets to have different names, found two of one name');
    }
    return names;
  }
}

const OTHER_DOMAINS = DOMAINS.filter((domain) => domain !== 'developer');

const VERDICTS = 'approve, reject or abstain';

function codeOf(value: unknown): number {
  if (value === 'approve') return APPROVE;
  if (value === 'reject') return REJECT;
  return value === 'abstain' ? ABSTAIN : MISSING;
}

function isPercent(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100;
}

function changed(
  what: Column,
  of: string,
  name: string,
  before: string | undefined,
  now: string | undefined,
  place: ErrorPlace,
): Error {
  return badInput(
    `expected one ${what} for ${of}, found ${found(now)} for ${found(name)} after ${found(before)}`,
    place,
  );
}

const LEAST_ROW = 64;

/** The same row with room for one place more. */
function grown(row: Uint8Array, place: number, empty: number): Uint8Array {
  return taken(row, Math.max(LEAST_ROW, place + 1, row.length + (row.length >> 1)), empty);
}

function taken(row: Uint8Array, length: number, empty: number): Uint8Array {
  if (row.length >= length) return row.slice(0, length);
  const out = new Uint8Array(length);
  out.set(row);
  if (empty !== 0) out.fill(empty, row.length);
  return out;
}
