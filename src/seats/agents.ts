// A council as data: council.yaml, the charter, and one file a seat. Everything is read and held together here,
// before anything is founded on it, and every fault is named with file and line.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { CASE_TYPES, type CaseType } from '../council/case-kind.ts';
import { type Charter, charterSchema, type Policy } from '../council/charter.ts';
import { base64Of, line, slug } from '../council/field-rules.ts';
import { badInput, type ConclaveError } from '../errors.ts';
import type { Aspect, Checklists } from '../providers/checklist.ts';
import { conform, readYamlFile, type WrittenDocument } from '../providers/written-document.ts';
import { MAX_SEATS } from '../signing/seat-id.ts';
import { loadCriteria } from './criteria-file.ts';
import { type Models, modelsIn } from './models-file.ts';
import { ASKING_FILE, loadPrompts, type Prompts } from './prompt-files.ts';
import { type SeatFile, seatOf } from './seat-file.ts';

const COUNCIL_FILE = 'council.yaml';

const { name, windows, driftMs, validityMs, attempts } = charterSchema.unwrap().shape;

const usd = z.number().min(0).max(1_000_000);
/** What live models may cost; what a seat may, stands in its file. */
const budgetSchema = z.strictObject({ caseUsd: usd, dayUsd: usd }).readonly();

/** Where council.yaml names none. */
const BUDGET = { caseUsd: 20, dayUsd: 200 };

const councilSchema = z
  .strictObject({
    name,
    windows,
    /** for councils whose seats ask models; absent where `windows` will do for them too */
    live: z.exactOptional(z.strictObject({ windows, budget: budgetSchema.default(BUDGET) }).readonly()),
    driftMs,
    validityMs,
    attempts,
    submitters: z
      .array(
        z
          .strictObject({
            id: slug,
            quota: z.int().min(1).max(10_000),
            /** absent where the key is made when the council is founded */
            ed25519: z.exactOptional(base64Of(32)),
          })
          .readonly(),
      )
      .min(1)
      .max(64)
      .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'expected distinct ids')
      .readonly(),
    /** by case type, a criteria file, relative to council.yaml */
    policies: z.partialRecord(z.enum(CASE_TYPES), line(200)).readonly(),
  })
  .readonly();

type CouncilFile = z.infer<typeof councilSchema>;

/** A charter but for the submitters' keys, which are made when the council is founded. */
export type CharterSource = Omit<Charter, 'submitters'> & Pick<CouncilFile, 'submitters'>;

export interface Agents {
  /** what a trial is founded on: its seats answer at once */
  readonly charter: CharterSource;
  /** the same with windows in which models can answer; what a live council is founded on */
  readonly liveCharter: CharterSource;
  readonly budget: z.infer<typeof budgetSchema>;
  /** by ascending number, from 1, without a gap */
  readonly seats: readonly SeatFile[];
  /** what the offline reviewer looks for */
  readonly checklists: Checklists;
  /** the words seats are asked in */
  readonly prompts: Prompts;
  readonly models: Models;
}

/** The package's own, two above this file both in src/ and in dist/. */
const SHIPPED_PROMPTS = fileURLToPath(new URL('../../prompts', import.meta.url));

/** Beside the seats; a folder of seats alone is asked in the words that come with conclave. */
function promptsFor(directory: string): string {
  const beside = join(directory, '..', 'prompts');
  return existsSync(join(beside, ASKING_FILE)) ? beside : SHIPPED_PROMPTS;
}

export function loadAgents(directory: string): Agents {
  const document = readYamlFile(join(directory, COUNCIL_FILE));
  const { policies, live, ...council } = conform(document, councilSchema, 'council');
  const sets = loadPolicies(document, policies);
  const models = modelsIn(directory);
  const prompts = loadPrompts(promptsFor(directory));
  const charter = { ...council, policies: sets.policies };
  const liveCharter = { ...charter, windows: live?.windows ?? council.windows };
  return {
    charter,
    liveCharter,
    budget: live?.budget ?? BUDGET,
    seats: loadSeats(directory, { models, prompts, commitMs: liveCharter.windows.commitMs }),
    checklists: sets.checklists,
    prompts,
    models,
  };
}

function loadPolicies(document: WrittenDocument, files: CouncilFile['policies']) {
  const policies: Partial<Record<CaseType, Policy>> = {};
  const checklists: Partial<Record<CaseType, ReadonlyMap<string, readonly Aspect[]>>> = {};
  for (const type of CASE_TYPES) {
    const file = files[type];
    if (file === undefined) continue;
    const path = resolve(dirname(document.file), file);
    const set = loadCriteria(path);
    if (set.type !== type)
      throw badInput(`expected criteria for ${type}, found ones for ${set.type}`, { file: path });
    policies[type] = set.policy;
    checklists[type] = set.checklists;
  }
  if (Object.keys(policies).length === 0) {
    const line = document.lineOf(['policies']);
    throw badInput('council: expected a policy for at least one case type', {
      file: document.file,
      ...(line === undefined ? {} : { line }),
    });
  }
  return { policies, checklists };
}

/** What a seat file is held against. */
interface Surroundings {
  readonly models: Models;
  readonly prompts: Prompts;
  readonly commitMs: number;
}

/** In a trial a seat's time is cut to the trial's window; in a live council it must fit as it stands. */
function loadSeats(directory: string, { models, prompts, commitMs }: Surroundings): readonly SeatFile[] {
  const files = seatFilesIn(directory);
  const names = new Map<string, string>();
  return files.map((file, i) => {
    const path = join(directory, file);
    const document = readYamlFile(path);
    const seat = seatOf(document, models);
    const expected = `seat-${String(seat.seat).padStart(2, '0')}.yaml`;
    if (file !== expected) {
      throw badInput(`seat ${seat.seat} belongs into ${expected}`, { file: path, line: 1 });
    }
    if (seat.limits.timeoutMs >= commitMs) {
      const why = `expected less than the ${commitMs} ms in which seats may commit (${COUNCIL_FILE})`;
      throw faultAt(document, ['limits', 'timeoutMs'], why);
    }
    if (!prompts.forms.has(seat.prompt)) {
      const forms = [...prompts.forms.keys()].join(', ');
      throw faultAt(
        document,
        ['prompt'],
        `expected a form of prompts/forms (${forms}), found "${seat.prompt}"`,
      );
    }
    if (seat.seat !== i + 1) {
      throw badInput(
        `expected seats 1 to ${files.length} without a gap, found seat ${seat.seat} in place ${i + 1}`,
        {
          file: path,
        },
      );
    }
    const namesake = names.get(seat.name);
    if (namesake !== undefined)
      throw badInput(`"${seat.name}" is also the name of ${namesake}`, { file: path });
    names.set(seat.name, file);
    return seat;
  });
}

function faultAt(document: WrittenDocument, path: readonly string[], why: string): ConclaveError {
  const line = document.lineOf(path);
  const place = { file: document.file, ...(line === undefined ? {} : { line }) };
  return badInput(`seat, ${path.join('.')}: ${why}`, place);
}

function seatFilesIn(directory: string): readonly string[] {
  const files = namesIn(directory)
    .filter((file) => /^seat-.*\.ya?ml$/.test(file))
    .sort((a, b) => numberIn(a) - numberIn(b) || a.localeCompare(b));
  if (files.length === 0) throw badInput('expected seat files such as seat-01.yaml', { file: directory });
  if (files.length > MAX_SEATS) {
    throw badInput(`expected at most ${MAX_SEATS} seats, found ${files.length}`, { file: directory });
  }
  return files;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    throw badInput('expected a directory of seat files that can be read', { file: directory });
  }
}

function numberIn(file: string): number {
  return Number(/\d+/.exec(file)?.[0] ?? Number.MAX_SAFE_INTEGER);
}
