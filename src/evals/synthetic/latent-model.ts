// A model of voters, as plain data: why each errs, and what they share that makes them err together. A voter is wrong on an item
// when a hidden number exceeds its threshold. The number is a sum: how hard the item is, as far as the voter feels it; what the
// item does to all of its developer, of its family, of its prompt; and a part of its own. Items to be approved and items to be
// rejected have parameters apart, because wrong approvals and wrong rejections are not alike (protocol 1.4). It is a multilevel
// probit model of item response (Bock and Aitkin 1981) whose difficulty has two directions (difficulty-grid.ts) and no shape but the
// one found in the data (Mislevy 1984), because the tail, where most are wrong at once, decides what a council is worth.
import { Document, isCollection, visit } from 'yaml';
import * as z from 'zod';
import { line } from '../../council/field-rules.ts';
import { conform, readYamlFile } from '../../providers/written-document.ts';
import type { Domain, Voter } from '../verdicts/verdict-table.ts';

const MODEL_KIND = 'conclave-latent-model';
const MAX_VOTERS = 1000;
const MAX_POINTS = 1000;
/** Parameters are written, and used, to so many decimals: no recording says more. */
const DECIMALS = 4;

const number = z.number().min(-1000).max(1000);
const pair = z.tuple([number, number]).readonly();

const byDomain = <Value extends z.ZodType>(value: Value) =>
  z
    .strictObject({
      developer: z.exactOptional(value),
      family: z.exactOptional(value),
      host: z.exactOptional(value),
      lens: z.exactOptional(value),
      prompt: z.exactOptional(value),
    })
    .readonly();

const side = z
  .strictObject({
    /**
     * how hard items are: such a share of them (weights) lies at that place (points), from the easiest for the mean voter to the
     * hardest; each of the two directions has mean 0 and variance 1
     */
    difficulty: z
      .strictObject({
        points: z.array(pair).min(1).max(MAX_POINTS).readonly(),
        weights: z.array(z.number().min(0).max(1)).min(1).max(MAX_POINTS).readonly(),
      })
      .refine(({ points, weights }) => points.length === weights.length, 'expected a weight for each point')
      .refine(
        ({ weights }) => Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1) < 0.01,
        'expected weights that add up to 1',
      )
      .readonly(),
    /** the standard deviation of what an item does to all who share a developer, a family, …; the own part has 1 */
    shared: byDomain(z.number().min(0).max(100)),
  })
  .readonly();

const response = z.strictObject({ threshold: number, loadings: pair }).readonly();

const voter = z
  .strictObject({
    name: line(300),
    domains: byDomain(line(200)),
    /** how often it abstains, whatever the item */
    abstains: z.number().min(0).max(1),
    /** on items to be approved, and on items to be rejected */
    approve: response,
    reject: response,
  })
  .readonly();

const modelSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    kind: z.literal(MODEL_KIND),
    /** what it was fitted to */
    provenance: z
      .strictObject({
        dataset: line(200),
        source: line(500),
        licence: line(100),
        /** SHA-256 of the file it was read from */
        sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits'),
        voters: z.int().min(0),
        items: z.int().min(0),
        verdicts: z.int().min(0),
      })
      .readonly(),
    fit: z.strictObject({ seed: z.int().min(0), sweeps: z.int().min(0) }).readonly(),
    /** how alike the difficulties of two items of one cluster are, one to be approved and one to be rejected */
    clusterCorrelation: z.number().min(-1).max(1),
    approve: side,
    reject: side,
    voters: z
      .array(voter)
      .min(1)
      .max(MAX_VOTERS)
      .refine(
        (list) => new Set(list.map(({ name }) => name)).size === list.length,
        'expected each voter once',
      )
      .readonly(),
  })
  .readonly();

export type LatentModel = z.infer<typeof modelSchema>;
export type LatentSide = LatentModel['approve'];
export type LatentVoter = LatentModel['voters'][number];
export type Response = LatentVoter['approve'];
export type Pair = z.infer<typeof pair>;
export type Provenance = Omit<LatentModel['provenance'], 'voters' | 'items' | 'verdicts'>;

/** The two sides of a model and of each of its voters, named by the right verdict. */
export const SIDES = ['approve', 'reject'] as const;

export function readLatentModel(file: string): LatentModel {
  return conform(readYamlFile(file), modelSchema, 'latent model');
}

/** The same bytes for the same model; lists of numbers and voters take a line each. */
export function writtenModel(model: LatentModel): string {
  const document = new Document(model, { aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_, node, path) => {
      const [inner] = node.items;
      const plain = path.length > 3 || (inner !== undefined && !isCollection(inner));
      if (plain && path.length > 2) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}

export function rounded(value: number): number {
  return Number(value.toFixed(DECIMALS));
}

/** The voters with the domains that a model knows for those names: a recording rarely says the family. */
export function domainsFrom(model: LatentModel, voters: readonly Voter[]): readonly Voter[] {
  const known = new Map(model.voters.map(({ name, domains }) => [name, domains]));
  return voters.map((voter) => ({ ...voter, domains: { ...voter.domains, ...known.get(voter.name) } }));
}

/** Which voters share a name in a domain; who has none there is alone. */
export interface Groups {
  /** by voter, the number of its group, from 0 */
  readonly of: Int32Array;
  /** by group, its voters */
  readonly sizes: Int32Array;
}

export function groupsOf(voters: readonly Pick<Voter, 'domains'>[], domain: Domain): Groups {
  const numbers = new Map<string, number>();
  let count = 0;
  const of = Int32Array.from(voters, ({ domains }) => {
    const name = domains[domain];
    const number = (name === undefined ? undefined : numbers.get(name)) ?? count++;
    if (name !== undefined) numbers.set(name, number);
    return number;
  });
  const sizes = new Int32Array(count);
  for (const group of of) sizes[group] = (sizes[group] ?? 0) + 1;
  return { of, sizes };
}
