// C2SP tlog-proof: the place of one entry in a log, its audit path and the checkpoint it leads to, as text
// that verifies offline (protocol 7.3). The format lets an application add data of its own; what ours adds,
// and why it can be believed, stands in tree-head.ts.
import { badInput } from '../errors.ts';
import { fromBase64, textOf, toBase64, utf8 } from '../signing/bytes.ts';
import { HASH_BYTES, MAX_PROOF_HASHES } from './merkle.ts';

export const TLOG_PROOF_HEADER = 'c2sp.org/tlog-proof@v1';

/** A thousand headers and a hundred signatures fit; anything longer is refused unread. */
export const MAX_TLOG_PROOF_BYTES = 1024 * 1024;

export interface TlogProof {
  /** not authenticated by the format */
  readonly extra: Uint8Array | undefined;
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** the signed note, as it was published */
  readonly checkpoint: Uint8Array;
}

export function formatTlogProof({ extra, index, hashes, checkpoint }: TlogProof): Uint8Array {
  const lines = [
    TLOG_PROOF_HEADER,
    ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...hashes.map(toBase64),
  ];
  return utf8(`${lines.join('\n')}\n\n${textOf(checkpoint)}`);
}

export function parseTlogProof(bytes: Uint8Array): TlogProof {
  if (bytes.length > MAX_TLOG_PROOF_BYTES) {
    throw badInput(`expected a proof of at most ${MAX_TLOG_PROOF_BYTES} bytes, found ${bytes.length}`);
  }
  const text = textOf(bytes);
  const split = text.indexOf('\n\n');
  if (split < 0) throw badInput('expected an empty line before the checkpoint', { line: 1 });
  const [header, ...lines] = text.slice(0, split).split('\n');
  if (header !== TLOG_PROOF_HEADER) throw badInput(`expected ${TLOG_PROOF_HEADER}`, { line: 1 });
  const extra = lines[0]?.startsWith('extra ') ? lines.shift()?.slice('extra '.length) : undefined;
  const index = /^index (0|[1-9][0-9]{0,14})$/.exec(lines.shift() ?? '')?.[1];
  if (index === undefined) throw badInput('expected "index" and a decimal number');
  if (lines.length > MAX_PROOF_HASHES) throw badInput(`expected at most ${MAX_PROOF_HASHES} hashes`);
  return {
    extra: extra === undefined ? undefined : fromBase64(extra),
    index: Number(index),
    hashes: lines.map(parseHash),
    checkpoint: utf8(text.slice(split + 2)),
  };
}

function parseHash(line: string): Uint8Array {
  const hash = fromBase64(line);
  if (hash.length !== HASH_BYTES)
    throw badInput(`expected a hash of ${HASH_BYTES} bytes, found ${hash.length}`);
  return hash;
}
