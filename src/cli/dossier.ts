// `conclave dossier export|erase`: what is confidential of a case in one directory, taken out or erased. The ledger
// holds commitments only and stays valid; what is gone is what they were commitments to (protocol 4.1). Only this
// directory is looked at: every node that holds the dossier has to be told, and so has whoever submitted it.
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { badInput, ConclaveError } from '../errors.ts';
import { isFounded, pathsOf } from '../node/council-directory.ts';
import { lockDirectory } from '../node/directory-lock.ts';
import { DossierShelf } from '../node/dossiers/dossier-shelf.ts';
import { NODES_FOLDER } from '../node/running/founding.ts';
import { textOf } from '../signing/bytes.ts';
import { type Digest, isDigest } from '../signing/digest.ts';
import { DiskFolder } from '../storage/folder.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { asTyped } from './folders.ts';
import { plural, visible } from './layout.ts';
import { SCHEMA_VERSION, type Terminal } from './terminal.ts';

export interface DossierOptions {
  readonly data: string;
  readonly out?: string;
}

/** Only reads; the council may be running. */
export async function exportDossier(
  text: string,
  options: DossierOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const caseId = caseIdIn(text);
  const { shelf, root } = shelfIn(options.data);
  const erasedMs = shelf.erasedMs(caseId);
  if (erasedMs !== undefined) {
    throw badInput(`the files of case ${caseId} were erased here at ${new Date(erasedMs).toISOString()}`, {
      file: root,
    });
  }
  const dossier = shelf.dossier(caseId);
  const judgements = [...shelf.judgements(caseId)].map(([seat, record]) => ({
    seat,
    judgement: JSON.parse(textOf(record)) as unknown,
  }));
  if (dossier === undefined && judgements.length === 0) {
    throw badInput(`there is nothing of case ${caseId} here`, { file: root });
  }
  const exported = { caseId, dossier: dossier ?? null, judgements };
  if (options.out === undefined) {
    if (terminal.json) terminal.result(exported);
    else terminal.say(JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...exported }, null, 2));
    return EXIT.yes;
  }
  const out = resolve(options.out);
  writeFileSync(out, `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...exported }, null, 2)}\n`, {
    mode: 0o600,
  });
  terminal.say(
    `  ${asTyped(out)}: ${dossier === undefined ? 'no dossier' : 'the dossier'}, ${plural(judgements.length, 'judgement')}`,
  );
  terminal.result({ caseId, out, dossier: dossier !== undefined, judgements: judgements.length });
  return EXIT.yes;
}

/** Alone in the directory: a node that runs has the dossier in its memory too, and must be stopped for it. */
export async function eraseDossier(
  text: string,
  options: DossierOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const caseId = caseIdIn(text);
  const root = requireOneDirectory(options.data);
  const lock = locked(root);
  try {
    const { shelf } = shelfIn(root);
    const before = shelf.erasedMs(caseId);
    const found = await shelf.erase(caseId, Date.now());
    const erasedMs = shelf.erasedMs(caseId);
    const { dossiers } = pathsOf(root);
    terminal.say(
      found
        ? `  erased: what was here of case ${caseId}`
        : before === undefined
          ? `  there was nothing here of case ${caseId}; should it come, it will not be kept`
          : `  it was erased before, at ${new Date(before).toISOString()}`,
      `  noted in ${asTyped(join(dossiers, 'erasures.jsonl'))}`,
      terminal.colors.dim(
        '  This node neither serves nor fetches it any more. Other nodes have files of their own.',
      ),
    );
    terminal.result({ caseId, erased: found, erasedMs: erasedMs ?? null, data: root });
    return EXIT.yes;
  } finally {
    lock.release();
  }
}

function locked(root: string): { release(): void } {
  try {
    return lockDirectory(pathsOf(root).running);
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'unavailable') throw error;
    throw new ConclaveError(
      'unavailable',
      `${error.message}. Stop it first: what it has in memory would outlive the files`,
    );
  }
}

function shelfIn(data: string): { readonly shelf: DossierShelf; readonly root: string } {
  const root = requireOneDirectory(data);
  return { root, shelf: new DossierShelf(new DiskFolder(pathsOf(root).dossiers, { secret: true })) };
}

/** A council of several nodes has as many; each is erased by whoever runs it. */
function requireOneDirectory(data: string): string {
  const root = resolve(data);
  if (!isFounded(root)) throw badInput('expected a council, found none', { file: pathsOf(root).genesis });
  const nodes = join(root, NODES_FOLDER);
  if (existsSync(nodes)) {
    throw new ConclaveError(
      'usage',
      `expected the directory of one node: --data ${asTyped(join(nodes, 'node-1'))}, and so on`,
    );
  }
  return root;
}

function caseIdIn(text: string): Digest {
  if (isDigest(text)) return text;
  throw new ConclaveError(
    'usage',
    `expected a case id of 64 lower-case hex digits, found "${visible(text).slice(0, 80)}"`,
  );
}
