// A seat as its file has it, but for the model: what `conclave swap` means. All that follows from the model follows from
// models.yaml; lines of the file that say otherwise are stale, as after a swap by hand (seat-model.ts).

import * as z from 'zod';
import { badInput } from '../errors.ts';
import { conform, readYamlFile } from '../providers/written-document.ts';
import type { Models } from './models-file.ts';
import { type SeatFile, seatOf } from './seat-file.ts';

const anySeat = z.looseObject({ fallback: z.unknown().optional() });

/** Refuses a model that models.yaml does not list: what it shares with others would be anybody's word. */
export function seatWithModel(file: string, model: string, models: Models): SeatFile {
  const listed = models.get(model);
  if (listed === undefined) {
    const near = [...models.keys()].filter((id) => id.startsWith(model.slice(0, 4))).slice(0, 5);
    const hint = near.length === 0 ? '' : `; there are ${near.join(', ')}`;
    throw badInput(`models.yaml lists no model "${model.slice(0, 80)}"${hint}`);
  }
  const document = readYamlFile(file);
  const { fallback, ...others } = conform(document, anySeat, 'seat');
  const second = typeof fallback === 'string' ? models.get(fallback) : undefined;
  const shares =
    second !== undefined &&
    second.id !== model &&
    second.provider === listed.provider &&
    second.developer === listed.developer &&
    second.family === listed.family;
  const value = { ...others, model, ...(shares ? { fallback } : {}) };
  return seatOf({ ...document, value }, models);
}
