// Evidence that comes as a PDF: its text, page by page under marks such as `[page 3]`, so that a finding can say
// where it was read. A PDF is a program for a reader of pages and may be hostile: it is read on a thread of its own,
// within bounds of pages, size, time and memory. What a person would not see on the page is shown as hidden.
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { badInput, type ConclaveError } from '../errors.ts';
import { readBounded } from '../providers/text-file.ts';
import { PDF_THREAD } from './pdf-thread.ts';

export const MAX_PDF_BYTES = 20 * 1024 * 1024;
export const MAX_PDF_PAGES = 500;
const MAX_SECONDS = 30;
/** What a file may make this process grow by; small files can unfold to gigabytes. */
const MAX_GROWTH_BYTES = 1024 ** 3;
const MAX_HEAP_MB = 512;
const GROWTH_CHECK_MS = 100;
/** Runs of text lower than this, in points, are not meant to be read. */
const LEGIBLE_POINTS = 2;
/** Lines further apart than this many times their height begin a new paragraph. */
const PARAGRAPH_GAP = 1.8;

const number = z.number().catch(0);

const runSchema = z.object({ text: z.string(), ends: z.boolean(), height: number, y: number });

const answerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('pages'),
    pages: z.array(z.array(runSchema)),
  }),
  z.object({ kind: z.literal('too-many-pages'), pages: z.number() }),
  z.object({ kind: z.literal('too-many-characters'), page: z.number() }),
  z.object({ kind: z.literal('failed'), name: z.string() }),
]);

type ThreadAnswer =
  | z.infer<typeof answerSchema>
  | { readonly kind: 'too-long' }
  | { readonly kind: 'too-large' };
type Page = Extract<ThreadAnswer, { kind: 'pages' }>['pages'][number];
type Run = Page[number];

export interface PdfOptions {
  readonly maxChars: number;
  /** shorter only in tests */
  readonly maxSeconds?: number;
}

/** The text of a PDF, or bad input that says what to do about it. */
export async function readPdf(
  file: string,
  { maxChars, maxSeconds = MAX_SECONDS }: PdfOptions,
): Promise<string> {
  const bytes = readBounded(file, MAX_PDF_BYTES);
  if (!isPdf(bytes))
    throw badInput('expected a PDF, it does not begin like one: save it as PDF again', { file });
  const answer = await readOnThread(bytes, maxChars, maxSeconds);
  if (answer.kind !== 'pages') throw failure(answer, { file, maxChars, maxSeconds });
  const texts = answer.pages.map(pageText);
  if (texts.every((text) => text === '')) {
    throw badInput(
      'expected a PDF with text, its pages hold none (are they scanned images?): run text recognition (OCR) on it first',
      { file },
    );
  }
  return `${texts.map((text, i) => `[page ${i + 1}]\n${text === '' ? NO_TEXT : text}`).join('\n\n')}\n`;
}

const HIDDEN = '[too small to be read on the page: ';
const NO_TEXT = '[no text on this page; it may be an image]';

/** Readers forgive some bytes before the mark; so do we. */
export function isPdf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).includes('%PDF-');
}

function readOnThread(bytes: Uint8Array, maxChars: number, maxSeconds: number): Promise<ThreadAnswer> {
  const { resolve } = createRequire(import.meta.url);
  const library = resolve('pdfjs-dist/legacy/build/pdf.mjs');
  const thread = new Worker(PDF_THREAD, {
    eval: true,
    // Its warnings are about the file and would stand amid our own output.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    workerData: {
      pdfjs: pathToFileURL(library).href,
      cmaps: join(dirname(library), '..', '..', 'cmaps') + sep,
      bytes: Uint8Array.from(bytes),
      maxPages: MAX_PDF_PAGES,
      maxChars,
    },
  });
  const before = process.memoryUsage().rss;
  return new Promise<ThreadAnswer>((settle) => {
    const end = (answer: ThreadAnswer): void => {
      clearTimeout(tooLong);
      clearInterval(growth);
      settle(answer);
    };
    const tooLong = setTimeout(() => end({ kind: 'too-long' }), maxSeconds * 1000);
    const growth = setInterval(() => {
      if (process.memoryUsage().rss - before > MAX_GROWTH_BYTES) end({ kind: 'too-large' });
    }, GROWTH_CHECK_MS);
    thread.once('message', (message: unknown) => {
      const read = answerSchema.safeParse(message);
      end(read.success ? read.data : { kind: 'failed', name: 'unreadable' });
    });
    thread.once('error', (error: unknown) => {
      const memory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      end(memory ? { kind: 'too-large' } : { kind: 'failed', name: 'crashed' });
    });
    thread.once('exit', () => end({ kind: 'failed', name: 'ended' }));
  }).finally(() => thread.terminate());
}

function failure(
  answer: Exclude<ThreadAnswer, { kind: 'pages' }>,
  {
    file,
    maxChars,
    maxSeconds,
  }: { readonly file: string; readonly maxChars: number; readonly maxSeconds: number },
): ConclaveError {
  const say = (text: string): ConclaveError => badInput(text, { file });
  switch (answer.kind) {
    case 'too-many-pages':
      return say(
        `expected at most ${MAX_PDF_PAGES} pages, found ${answer.pages}: divide it into several items`,
      );
    case 'too-many-characters':
      return say(
        `expected at most ${maxChars} characters of text, there are more by page ${answer.page}: divide it into several items`,
      );
    case 'too-long':
      return say(
        `expected a PDF that can be read within ${maxSeconds} s: print it to a new PDF, or divide it`,
      );
    case 'too-large':
      return say('expected a PDF that unfolds to less than a gigabyte: print it to a new PDF, or divide it');
    case 'failed':
      return answer.name === 'PasswordException'
        ? say('expected a PDF without a password, this one is encrypted: save it without one')
        : say('expected a PDF that can be read, this one is damaged: print it to a new PDF');
    default:
      return answer satisfies never;
  }
}

/** Lines as they stand on the page, an empty one between paragraphs. */
function pageText(runs: Page): string {
  const parts: string[] = [];
  let above: Run | undefined;
  let hidden = false;
  for (const run of runs) {
    if (run.text.trim() !== '') {
      const gap = above === undefined ? 0 : above.y - run.y;
      if (gap > PARAGRAPH_GAP * Math.max(above?.height ?? 0, run.height)) parts.push('\n');
      above = run;
      // Beside the page the library reads nothing; white on white and text under an image cannot be told here.
      const now = run.height < LEGIBLE_POINTS;
      if (now !== hidden) parts.push(now ? HIDDEN : '] ');
      hidden = now;
    }
    parts.push(run.text);
    if (run.ends) parts.push('\n');
  }
  if (hidden) parts.push(']');
  return visible(parts.join(''))
    .replace(/^\[(page \d+)\]$/gm, '($1)') // only we number pages
    .trim();
}

/** Typesetters' hyphens, joints and direction marks go; what else cannot be seen is shown as something unknown. */
function visible(text: string): string {
  return text
    .replace(/[\u00ad\u200b\u200e\u200f\u2060\ufeff]/g, '')
    .replace(/\r\n?|[\u2028\u2029\f\v]/g, '\n')
    .replace(/(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}
