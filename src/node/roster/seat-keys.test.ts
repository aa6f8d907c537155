import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toHex } from '../../signing/bytes.ts';
import { type HeldKeys, seatHolder } from '../../signing/key-holder.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { keyMaker, publicPartOf, writeKeys } from '../council-directory.ts';
import { fastestBls } from '../signing/notary.ts';
import { SeatKeys } from './seat-keys.ts';

const root = mkdtempSync(join(tmpdir(), 'conclave-keys-'));
afterAll(() => rmSync(root, { recursive: true }));
const seat = asSeatId(7);
const secretOf = (keys?: HeldKeys) =>
  keys && `${toHex(keys.ed25519.secret)} ${toHex(keys.bls?.secret ?? new Uint8Array())}`;

describe('keys of a seat over the epochs', () => {
  it('old and new are both there, and a node that runs finds what was written meanwhile', async () => {
    const bls = await fastestBls();
    const folder = join(root, 'keys');
    const founding = keyMaker(bls)(seatHolder(seat));
    await writeKeys(folder, [founding], undefined);
    const options = { folder };
    const running = new SeatKeys(options, { bls });
    expect(secretOf(running.keysFor({ seat, ...publicPartOf(founding) }))).toBe(secretOf(founding));
    // By another process, while the node runs.
    const other = new SeatKeys(options, { bls });
    const rotated = other.make(seat);
    expect(running.keysFor({ seat, ...publicPartOf(rotated) })).toBeUndefined();
    await other.keep(seat, rotated);
    expect(secretOf(running.keysFor({ seat, ...publicPartOf(rotated) }))).toBe(secretOf(rotated));
    expect(secretOf(running.keysFor({ seat, ...publicPartOf(founding) }))).toBe(secretOf(founding));
    const [file = ''] = readdirSync(join(folder, 'rotated'));
    expect(statSync(join(folder, 'rotated', file)).mode & 0o077).toBe(0);
    // A chair that mixes two holders' keys is nobody's here.
    const mixed = { ...publicPartOf(rotated), bls: publicPartOf(founding).bls };
    expect(running.keysFor({ seat, ...mixed })).toBeUndefined();
    expect(running.keysFor({ ...publicPartOf(rotated), seat: asSeatId(8) })).toBeUndefined();
  });
});
