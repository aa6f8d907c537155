// What a suite measured of one panel, kept in the council's directory so that decisions can be shown with it: how many
// independent votes the seats are worth. It lies under a digest of the models that sit, which every certificate names
// (protocol 7.3): whoever holds a certificate can look up whether its very panel was measured. Nobody signs it and nothing is
// decided by it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { digest, line } from '../../council/field-rules.ts';
import type { Roster, RosterSeat } from '../../council/roster.ts';
import { badInput } from '../../errors.ts';
import { makeKeptFolder, readKeptFile, writeKeptFile } from '../../providers/kept-file.ts';
import { type Digest, digestOf } from '../../signing/digest.ts';
import { MAX_SEATS } from '../../signing/seat-id.ts';
import { figure } from './eval-result.ts';

const MAX_SOURCES = 1000;

const measurementSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    panel: digest,
    /** its name */
    suite: line(100),
    /** what made it, to be typed again */
    command: line(4000),
    /** how many sat */
    seats: z.int().min(1).max(MAX_SEATS),
    /** how many items of known truth they were measured on */
    items: z.int().min(1),
    /** after Kish; docs/evaluating.md defines it */
    effectiveVotes: figure,
    meanErrorCorrelation: figure,
    /** SHA-256 of what it was made from */
    sources: z.array(digest).max(MAX_SOURCES).readonly(),
  })
  .readonly();

export type Measurement = z.infer<typeof measurementSchema>;

/** As much of a seat as makes it a voter: what answers, and that it counts. */
type Sitting = Pick<RosterSeat, 'model' | 'vacant'>;

/** A digest of the models, in the order of the seats. A vacant chair has no vote, so without it the panel is another one. */
export function panelOf(seats: readonly Sitting[]): Digest {
  return digestOf(seats.map(({ model, vacant }) => (vacant === true ? null : model)));
}

export function measurementsFolder(dataDir: string): string {
  return join(dataDir, 'measurements');
}

/** Replaces an earlier one of the same panel. Says where it lies. */
export function keepMeasurement(dataDir: string, measured: Omit<Measurement, 'schemaVersion'>): string {
  const folder = measurementsFolder(dataDir);
  const file = fileOf(folder, measured.panel);
  makeKeptFolder(folder);
  writeKeptFile(file, `${JSON.stringify(measurementSchema.parse({ schemaVersion: 1, ...measured }))}\n`);
  return file;
}

/** That of the panel that sits, if there is one. */
export function measurementFor(dataDir: string, roster: Pick<Roster, 'seats'>): Measurement | undefined {
  return measurementIn(measurementsFolder(dataDir), roster);
}

/** The same by the folder itself. */
export function measurementIn(folder: string, { seats }: Pick<Roster, 'seats'>): Measurement | undefined {
  const panel = panelOf(seats);
  const file = fileOf(folder, panel);
  if (!existsSync(file)) return undefined;
  const measured = readKeptFile(file, measurementSchema, 'measurement of a panel');
  if (measured.panel !== panel || measured.seats !== seats.filter(({ vacant }) => vacant !== true).length) {
    throw badInput('measurement of a panel: it is of another panel than its name says', { file });
  }
  return measured;
}

function fileOf(folder: string, panel: Digest): string {
  return join(folder, `${panel}.json`);
}
