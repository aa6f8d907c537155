// The one thing a stranger must be given to trust a council: a small document that binds its name, its rules and
// its first roster. Its digest is the council's id and stands in every signed byte (protocol 2.2, 6.3).
import * as z from 'zod';
import { badInput } from '../errors.ts';
import { canonicalBytes } from '../signing/canonical.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import { type Charter, readCharter } from './charter.ts';
import { digest, line, nonce, readCanonical, readDocument, timeMs } from './field-rules.ts';
import { FIRST_EPOCH, type Roster, readRoster, rosterDigest } from './roster.ts';

const genesisSchema = z
  .strictObject({ charter: digest, createdMs: timeMs, name: line(120), nonce, roster: digest })
  .readonly();

export type Genesis = z.infer<typeof genesisSchema>;

export interface Founding {
  readonly councilId: Digest;
  readonly genesis: Genesis;
  readonly charter: Charter;
  readonly roster: Roster;
}

export interface FoundingSource {
  readonly charter: Charter;
  readonly roster: Roster;
  readonly createdMs: number;
  /** 32 random bytes in hex: two councils of the same people and rules are still two */
  readonly nonce: string;
}

export function found({ charter, roster, createdMs, nonce }: FoundingSource): Founding {
  const checked = { charter: readCharter(charter), roster: readFirstRoster(roster) };
  const genesis = readGenesis({
    charter: digestOf(checked.charter),
    createdMs,
    name: checked.charter.name,
    nonce,
    roster: rosterDigest(checked.roster),
  });
  return { councilId: digestOf(genesis), genesis, ...checked };
}

/** Later rosters are admitted by the one before them, never by the genesis (protocol 6.3). */
export function readFirstRoster(value: unknown): Roster {
  const roster = readRoster(value);
  if (roster.epoch !== FIRST_EPOCH) throw badInput(`roster: expected epoch 1, found epoch ${roster.epoch}`);
  if (roster.seats.some(({ vacant }) => vacant))
    throw badInput('roster: no chair is vacant in the first roster');
  return roster;
}

export function readGenesis(value: unknown): Genesis {
  return readDocument('genesis', genesisSchema, value);
}

/** What `genesis.json` holds. */
export function foundingBytes({ genesis, charter, roster }: Founding): Uint8Array {
  return canonicalBytes({ charter, genesis, roster });
}

const foundingSchema = z.strictObject({ charter: z.unknown(), genesis: z.unknown(), roster: z.unknown() });

export function parseFounding(bytes: Uint8Array): Founding {
  const file = readCanonical('genesis.json', foundingSchema, bytes);
  return foundingOf(file.genesis, file.charter, file.roster);
}

/** Holds the three documents against each other. */
export function foundingOf(genesisValue: unknown, charterValue: unknown, rosterValue: unknown): Founding {
  const genesis = readGenesis(genesisValue);
  const charter = readCharter(charterValue);
  const roster = readFirstRoster(rosterValue);
  if (digestOf(charter) !== genesis.charter)
    throw badInput('genesis: it names another charter than the one given');
  if (rosterDigest(roster) !== genesis.roster)
    throw badInput('genesis: it names another roster than the one given');
  if (charter.name !== genesis.name) throw badInput('genesis: its name is not the name in the charter');
  return { councilId: digestOf(genesis), genesis, charter, roster };
}
