// `conclave keys`: the public keys of a council's seats, and whether the secret ones in its directory fit them. Secrets
// are read, checked and never shown.
import { resolve } from 'node:path';
import { ConclaveError } from '../errors.ts';
import { LOG_HOLDER, openDirectory, submitterHolder } from '../node/council-directory.ts';
import { fastestBls } from '../node/signing/notary.ts';
import { equalBytes, fromBase64, toBase64 } from '../signing/bytes.ts';
import { type KeyHolder, seatHolder } from '../signing/key-holder.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { asTyped } from './folders.ts';
import { padEnd, plural, visible } from './layout.ts';
import { passphraseIn } from './passphrase.ts';
import type { Terminal } from './terminal.ts';

export interface KeysOptions {
  readonly data: string;
  readonly passphraseFile?: string;
}

interface Checked {
  readonly holder: KeyHolder;
  readonly ed25519: string;
  readonly bls: string | null;
  /** why the secret keys do not serve; null when they do */
  readonly trouble: string | null;
}

export async function keys(options: KeysOptions, terminal: Terminal): Promise<ExitCode> {
  const root = resolve(options.data);
  const bls = await fastestBls();
  const { founding, keysOf } = openDirectory(root, bls, passphraseIn(options.passphraseFile).passphrase);
  const { roster, charter, councilId } = founding;

  const heldBy = (holder: KeyHolder, ed25519: string, blsKey: string | null): Checked => {
    try {
      const held = keysOf(holder);
      const same =
        equalBytes(held.ed25519.publicKey, fromBase64(ed25519)) &&
        (blsKey === null || (held.bls !== null && equalBytes(held.bls.publicKey, fromBase64(blsKey))));
      return {
        holder,
        ed25519,
        bls: blsKey,
        trouble: same ? null : 'its keys are not those the council was founded with',
      };
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
      return { holder, ed25519, bls: blsKey, trouble: error.message };
    }
  };
  // A wrong passphrase is the trouble of whoever typed it, not of thirty-three seats.
  const log = keysOf(LOG_HOLDER);
  const seats = roster.seats.map((seat): Checked => {
    const checked = heldBy(seatHolder(seat.seat), seat.ed25519, seat.bls);
    if (checked.trouble !== null) return checked;
    const proved = bls.verifyPossession(fromBase64(seat.bls), fromBase64(seat.possession));
    return proved ? checked : { ...checked, trouble: 'its proof of possession does not hold' };
  });
  const submitters = charter.submitters.map(({ id, ed25519 }) => heldBy(submitterHolder(id), ed25519, null));
  const others = [
    ...submitters,
    { holder: LOG_HOLDER, ed25519: toBase64(log.ed25519.publicKey), bls: null, trouble: null },
  ];
  const broken = [...seats, ...submitters].filter(({ trouble }) => trouble !== null);

  const { colors } = terminal;
  const row = ({ holder, ed25519, trouble }: Checked): string =>
    trouble === null
      ? `  ${colors.green('✓')} ${padEnd(holder, 16)} ${ed25519}`
      : `  ${colors.red('✗')} ${padEnd(holder, 16)} ${visible(trouble)}`;
  terminal.say(
    '',
    `  ${visible(charter.name)}, in ${asTyped(root)}`,
    colors.dim(`  genesis ${councilId}`),
    '',
    ...[...seats, ...others].map(row),
    '',
    broken.length === 0
      ? '  every secret key fits its public one; every seat proved that it holds its BLS key'
      : colors.red(`  ${plural(broken.length, 'holder')} cannot sign`),
    '',
  );
  terminal.result({
    ok: broken.length === 0,
    dataDir: root,
    genesis: councilId,
    seats: roster.seats.map(({ seat, name, ed25519, bls: blsKey, possession }, i) => ({
      seat,
      name,
      ed25519,
      bls: blsKey,
      possession,
      trouble: seats[i]?.trouble ?? null,
    })),
    others: others.map(({ holder, ed25519, trouble }) => ({ holder, ed25519, trouble })),
  });
  return broken.length === 0 ? EXIT.yes : EXIT.no;
}
