// Looks for what must not be found: secrets that a test planted, in every file under a folder and in what a command
// said. A secret that was only written otherwise has leaked all the same, so it is also sought as JSON, URL, hex and
// base64 write it, and in what is compressed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Hunt {
  /** by a name that a failing test may print: `key of openai`, `sentence of the evidence` */
  readonly secrets: Readonly<Record<string, string>>;
  readonly folders?: readonly string[];
  /** by what they are: `stdout`, `error` */
  readonly texts?: Readonly<Record<string, string>>;
}

export interface Find {
  readonly secret: string;
  readonly where: string;
  /** how it was written */
  readonly written: string;
}

/** Shorter ones are found by chance. */
const MIN_SECRET_CHARS = 16;

export function huntSecrets({ secrets, folders = [], texts = {} }: Hunt): Find[] {
  const spellings = Object.entries(secrets).flatMap(([secret, text]) => {
    if (text.length < MIN_SECRET_CHARS) throw new Error(`${secret}: too short to tell it from chance`);
    return spellingsOf(text).map(([written, bytes]) => ({ secret, written, bytes }));
  });
  const places = [
    ...Object.entries(texts).map(([where, text]) => ({ where, bytes: Buffer.from(text) })),
    ...folders.flatMap((folder) => filesOf(folder)),
  ];
  const finds = places.flatMap(({ where, bytes }) =>
    spellings
      .filter((spelling) => bytes.includes(spelling.bytes))
      .map(({ secret, written }): Find => ({ secret, where, written })),
  );
  return [...new Map(finds.map((find) => [`${find.secret} ${find.where} ${find.written}`, find])).values()];
}

function spellingsOf(text: string): (readonly [string, Buffer])[] {
  const plain = Buffer.from(text);
  const others: (readonly [string, Buffer])[] = [
    ['as JSON', Buffer.from(JSON.stringify(text).slice(1, -1))],
    ['as a URL', Buffer.from(encodeURIComponent(text))],
    ['as hex', Buffer.from(plain.toString('hex'))],
    ['as UTF-16', Buffer.from(text, 'utf16le')],
    ...[0, 1, 2].flatMap((offset) => base64At(plain, offset)),
  ];
  return [['plainly', plain], ...others.filter(([, bytes]) => !bytes.equals(plain))];
}

/** What any base64 of a longer text has in it wherever the secret begins; its first and last digits depend on the rest. */
function base64At(plain: Buffer, offset: number): (readonly [string, Buffer])[] {
  const lead = Math.ceil((offset * 8) / 6);
  const digits = Math.floor(((offset + plain.length) * 8) / 6);
  const base64 = Buffer.concat([Buffer.alloc(offset), plain])
    .toString('base64')
    .slice(lead, digits);
  const base64url = base64.replaceAll('+', '-').replaceAll('/', '_');
  return [
    ['as base64', Buffer.from(base64)],
    ['as base64', Buffer.from(base64url)],
  ];
}

function filesOf(folder: string): { readonly where: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const where = join(entry.parentPath, entry.name);
      const bytes = readFileSync(where);
      // A name tells as much as what is in the file.
      return [
        { where, bytes: Buffer.concat([bytes, Buffer.from(`\n${entry.name}`)]) },
        ...unpacked(where, bytes),
      ];
    });
}

function unpacked(where: string, bytes: Buffer): { readonly where: string; readonly bytes: Buffer }[] {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return [];
  return [{ where, bytes: gunzipSync(bytes) }];
}
