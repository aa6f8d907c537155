// A council as data: council.yaml, the charter, and one file a seat. Everything is read and held together here,
// before anything is founded on it, and every fault is named with file and line.
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { CASE_TYPES, type CaseType } from '../council/case-kind.ts';
import { type Charter, charterSchema, type Policy } from '../council/charter.ts';
import { base64Of, line, slug } from '../council/field-rules.ts';
import { badInput } from '../errors.ts';
import type { Aspect, Checklists } from '../providers/checklist.ts';
import { conform, readYamlFile, type WrittenDocument } from '../providers/written-document.ts';
import { MAX_SEATS } from '../signing/seat-id.ts';
import { loadCriteria } from './criteria-file.ts';
import { loadSeatFile, type SeatFile } from './seat-file.ts';

const COUNCIL_FILE = 'council.yaml';

const { name, windows, driftMs, validityMs, attempts } = charterSchema.unwrap().shape;

const councilSchema = z
  .strictObject({
    name,
    windows,
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
  readonly charter: CharterSource;
  /** by ascending number, from 1, without a gap */
  readonly seats: readonly SeatFile[];
  /** what the offline reviewer looks for */
  readonly checklists: Checklists;
}

export function loadAgents(directory: string): Agents {
  const document = readYamlFile(join(directory, COUNCIL_FILE));
  const { policies, ...council } = conform(document, councilSchema, 'council');
  const sets = loadPolicies(document, policies);
  return {
    charter: { ...council, policies: sets.policies },
    seats: loadSeats(directory),
    checklists: sets.checklists,
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

function loadSeats(directory: string): readonly SeatFile[] {
  const files = seatFilesIn(directory);
  const names = new Map<string, string>();
  return files.map((file, i) => {
    const path = join(directory, file);
    const seat = loadSeatFile(path);
    const expected = `seat-${String(seat.seat).padStart(2, '0')}.yaml`;
    if (file !== expected) {
      throw badInput(`seat ${seat.seat} belongs into ${expected}`, { file: path, line: 1 });
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
