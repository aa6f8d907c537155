// Which case is meant: a case file, a case id, or the beginning of one. Where it cannot be told, it is not guessed.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CaseSource } from '../../council/case-file.ts';
import { sourceOf } from '../../council/dossier.ts';
import { badInput } from '../../errors.ts';
import type { DossierShelf } from '../../node/dossiers/dossier-shelf.ts';
import { loadCase } from '../../seats/case-folder.ts';
import { canonicalText } from '../../signing/canonical.ts';
import { plural } from '../layout.ts';
import type { DocketCase } from './docket.ts';

const IDS_NAMED = 5;

export interface Named {
  readonly found: DocketCase;
  /** its dossier was erased, so a case file fits it by type and subject only */
  readonly bySubject: boolean;
}

export async function whichCase(
  asked: string,
  docket: Iterable<DocketCase>,
  { shelf, dataDir }: { readonly shelf: DossierShelf; readonly dataDir: string },
): Promise<Named> {
  const cases = [...docket];
  const path = resolve(asked);
  // A file comes first: it can be moved away, an id cannot.
  if (existsSync(path) || !/^[0-9a-f]{1,64}$/i.test(asked)) return ofFile(path, cases, shelf, dataDir);
  const prefix = asked.toLowerCase();
  const found = cases.filter(({ caseId }) => caseId.startsWith(prefix));
  const [only] = found;
  if (only === undefined) {
    const held = plural(cases.length, 'case');
    throw badInput(
      `expected a case of this council (it has ${held}), found none that begins with ${prefix}`,
      {
        file: dataDir,
      },
    );
  }
  if (found.length > 1)
    throw badInput(`expected one case, ${found.length} begin with ${prefix}: ${named(found)}`, {
      file: dataDir,
    });
  return { found: only, bySubject: false };
}

async function ofFile(
  path: string,
  cases: readonly DocketCase[],
  shelf: DossierShelf,
  dataDir: string,
): Promise<Named> {
  const { source } = await loadCase(path);
  const attempts = cases.filter(
    ({ document }) => document.type === source.type && document.subject === source.subject,
  );
  const sameTexts = attempts.findLast(({ caseId, document }) => {
    const dossier = shelf.dossier(caseId);
    return dossier !== undefined && textsOf(sourceOf(document, dossier)) === textsOf(source);
  });
  if (sameTexts !== undefined) return { found: sameTexts, bySubject: false };
  // Salted commitments cannot be held against a text without the salts, which went with the dossier.
  const erased = attempts.findLast(({ caseId }) => shelf.dossier(caseId) === undefined);
  if (erased !== undefined) return { found: erased, bySubject: true };
  if (attempts.length === 0) {
    throw badInput(`the council in ${dataDir} has no case of type ${source.type} about "${source.subject}"`, {
      file: path,
    });
  }
  throw badInput(
    `"${source.subject}" was judged on other texts than these; name the case: ${named(attempts)}`,
    {
      file: path,
    },
  );
}

function textsOf({ title, fields, evidence }: CaseSource): string {
  return canonicalText({
    title,
    fields,
    evidence: evidence.map(({ id, title, text }) => ({ id, title, text })),
  });
}

function named(cases: readonly DocketCase[]): string {
  const ids = cases
    .slice(-IDS_NAMED)
    .map(({ caseId, document }) => `${caseId} (attempt ${document.attempt})`);
  const left = cases.length - ids.length;
  return `${ids.join(', ')}${left > 0 ? `, and ${left} before` : ''}`;
}
