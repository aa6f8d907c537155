// The colours of a report, by day and by night. A test holds every pair that carries words against WCAG's contrast of
// 4.5 to 1; no meaning hangs on colour alone.

export interface Palette {
  readonly paper: string;
  /** behind what is set apart */
  readonly shade: string;
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly approve: string;
  readonly reject: string;
  readonly unsure: string;
  readonly approveTint: string;
  readonly rejectTint: string;
  readonly unsureTint: string;
}

export const BY_DAY: Palette = {
  paper: '#fdfcfa',
  shade: '#f4f1ea',
  ink: '#1c1b19',
  quiet: '#5b564d',
  line: '#d9d3c7',
  approve: '#1c6142',
  reject: '#952a26',
  unsure: '#735209',
  approveTint: '#e3efe7',
  rejectTint: '#f8e4e0',
  unsureTint: '#f5ebd0',
};

export const BY_NIGHT: Palette = {
  paper: '#161513',
  shade: '#201e1b',
  ink: '#ebe7df',
  quiet: '#aaa498',
  line: '#3b3832',
  approve: '#86cfa7',
  reject: '#f29c92',
  unsure: '#e3c173',
  approveTint: '#1c3026',
  rejectTint: '#3a2320',
  unsureTint: '#352d19',
};

/** As custom properties of a style sheet. */
export function properties(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, colour]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${colour}`)
    .join(';');
}
