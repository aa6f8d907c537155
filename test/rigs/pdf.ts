// PDFs written by hand, so that tests need no tool and know every byte: pages of text, and files that are hostile.

export interface HandPdf {
  /** the content stream of each page */
  readonly pages: readonly string[];
  /** entries of the trailer, such as /Encrypt */
  readonly trailer?: string;
  /** of every content stream, such as /Filter; the text is then taken as already encoded */
  readonly streamKeys?: string;
  /** of the font, for characters that keyboards lack */
  readonly encoding?: string;
  readonly extraObjects?: readonly string[];
}

/** Objects 1 catalogue, 2 pages, 3 font; then two a page; then what is extra. */
export function handPdf({
  pages,
  trailer = '',
  streamKeys = '',
  encoding = '/WinAnsiEncoding',
  extraObjects = [],
}: HandPdf): Uint8Array {
  const kids = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    `<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding ${encoding} >>`,
    ...pages.flatMap((content, i) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + 2 * i} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${content.length} ${streamKeys} >>\nstream\n${content}\nendstream`,
    ]),
    ...extraObjects,
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const entries = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const end = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(`${text}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}${end}`, 'latin1');
}

export interface Placed {
  readonly size?: number;
  readonly x?: number;
  readonly y?: number;
}

/** Lines below each other, from the top of the page unless placed elsewhere. */
export function textContent(text: string, { size = 12, x = 72, y = 720 }: Placed = {}): string {
  const escaped = text.replace(/[\\()]/g, '\\$&');
  const shown = escaped.split('\n').map((line) => `(${line}) Tj T*`);
  return `BT /F1 ${size} Tf ${x} ${y} Td ${1.2 * size} TL ${shown.join(' ')} ET`;
}

export function textPdf(...pages: readonly string[]): Uint8Array {
  return handPdf({ pages: pages.map((page) => textContent(page)) });
}
