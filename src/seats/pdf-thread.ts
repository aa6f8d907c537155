// The program that reads a PDF on a thread of its own, as text: a thread starts from JavaScript only, and this one must
// start from the sources as well as from what is built. It has a thread to itself because a hostile file can keep its
// reader busy for ever, and only a thread can be ended from outside.
// What it sends is as hostile as the file it comes from, and checked by who receives it (pdf-evidence.ts).

/** workerData: pdfjs and cmaps (where they lie), bytes, maxPages, maxChars. */
export const PDF_THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { pdfjs, cmaps, bytes, maxPages, maxChars } = workerData;

async function read() {
  const { getDocument } = await import(pdfjs);
  const document = await getDocument({
    data: bytes,
    verbosity: 0,
    // nothing of a file is run, drawn or fetched
    isEvalSupported: false,
    enableXfa: false,
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    cMapUrl: cmaps,
    cMapPacked: true,
  }).promise;
  if (document.numPages > maxPages) return { kind: 'too-many-pages', pages: document.numPages };
  const pages = [];
  let chars = 0;
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    const runs = [];
    for (const { str, hasEOL, height, transform } of items) {
      if (typeof str !== 'string') continue;
      chars += str.length;
      runs.push({ text: str, ends: hasEOL === true, height, y: transform[5] });
    }
    pages.push(runs);
    if (chars > maxChars) return { kind: 'too-many-characters', page: number };
    page.cleanup();
  }
  return { kind: 'pages', pages };
}

read().then(
  (answer) => parentPort.postMessage(answer),
  (error) => parentPort.postMessage({ kind: 'failed', name: String(error?.name).slice(0, 100) }),
);
`;
