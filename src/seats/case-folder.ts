// A case as people keep it: case.yaml and, beside it, the evidence it names. Read whole before anything is
// made of it, and never anything from outside its own folder, whatever its file names say. Evidence is Markdown, plain
// text, or the text of a PDF (pdf-evidence.ts).
import { lstatSync, realpathSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, relative, sep } from 'node:path';
import {
  type CaseFile,
  type CaseSource,
  caseFileSchema,
  caseSourceOf,
  MAX_DOSSIER_CHARS,
  MAX_EVIDENCE_CHARS,
} from '../council/case-file.ts';
import { badInput, ConclaveError, type ErrorPlace } from '../errors.ts';
import { readBounded, readTextFile } from '../providers/text-file.ts';
import { conform, readYamlFile } from '../providers/written-document.ts';
import { isPdf, MAX_PDF_BYTES, readPdf } from './pdf-evidence.ts';

/** A character is at most three bytes of UTF-8 for each UTF-16 unit that the bound counts. */
const MAX_EVIDENCE_BYTES = 3 * MAX_EVIDENCE_CHARS;

const TEXT_FILES: ReadonlySet<string> = new Set(['.md', '.markdown', '.txt']);

export interface LoadedCase {
  readonly source: CaseSource;
  /** what the author of a sample case expects */
  readonly expected: CaseFile['expected'];
}

export async function loadCase(file: string): Promise<LoadedCase> {
  const document = readYamlFile(file);
  const written = conform(document, caseFileSchema, 'case');
  const texts = new Map<string, string>();
  let chars = 0;
  for (const [i, item] of written.evidence.entries()) {
    if (item.file === undefined) continue;
    const line = document.lineOf(['evidence', i, 'file']);
    const place: ErrorPlace = line === undefined ? { file } : { file, line };
    const text = await readEvidence(file, item.file, place);
    if (text.length > MAX_EVIDENCE_CHARS) {
      throw badInput(
        `expected at most ${MAX_EVIDENCE_CHARS} characters in "${item.file}", found ${text.length}`,
        place,
      );
    }
    chars += text.length;
    if (chars > MAX_DOSSIER_CHARS) {
      throw badInput(`expected at most ${MAX_DOSSIER_CHARS} characters of evidence in all`, place);
    }
    texts.set(item.id, text);
  }
  try {
    return { source: caseSourceOf(written, texts), expected: written.expected };
  } catch (error) {
    if (error instanceof ConclaveError && error.file === undefined) throw badInput(error.message, { file });
    throw error;
  }
}

async function readEvidence(caseFile: string, name: string, place: ErrorPlace): Promise<string> {
  const parts = name.split(/[/\\]/);
  if (isAbsolute(name) || /^[a-zA-Z]:/.test(name) || name.includes('\\') || parts.includes('..')) {
    throw badInput(`expected evidence from the folder of the case, found "${name}"`, place);
  }
  const folder = dirname(caseFile);
  const path = join(folder, name);
  const outside = (): ConclaveError =>
    badInput(`expected evidence from the folder of the case, but "${name}" leads out of it`, place);
  let real: string;
  try {
    lstatSync(path);
    real = realpathSync(path);
    const inside = relative(realpathSync(folder), real);
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      throw outside();
  } catch (error) {
    if (error instanceof ConclaveError) throw error;
    throw badInput(`expected evidence "${name}" beside the case, there is none that can be read`, place);
  }
  const kind = extname(name).toLowerCase();
  if (kind === '.pdf') return readPdf(real, { maxChars: MAX_EVIDENCE_CHARS });
  if (!TEXT_FILES.has(kind)) {
    throw badInput(`expected evidence as .md, .txt or .pdf, found "${name}"`, place);
  }
  const misnamed = (): ConclaveError =>
    badInput(`expected text in "${name}", found a PDF: name it .pdf`, place);
  let text: string;
  try {
    text = readTextFile(real, MAX_EVIDENCE_BYTES);
  } catch (error) {
    throw isPdfFile(real) ? misnamed() : error;
  }
  if (text.startsWith('%PDF-')) throw misnamed();
  if (text.trim() === '') throw badInput(`expected evidence "${name}" to hold text, it is empty`, place);
  return text;
}

function isPdfFile(path: string): boolean {
  try {
    return isPdf(readBounded(path, MAX_PDF_BYTES));
  } catch {
    return false;
  }
}
