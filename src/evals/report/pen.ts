// What draws charts: Observable Plot into a document that is no browser's. Both take longer to load than many a command takes to
// run, so the command line imports the page, and with it these, only when it makes one.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { Html, html } from './html.ts';
import { visible } from './visible-text.ts';

export interface Pen {
  readonly plot: typeof Plot;
  /** A chart as inline SVG; the label says to whoever cannot see it what is drawn. */
  readonly drawn: (label: string, options: Plot.PlotOptions) => Html;
}

/** The parts of an SVG element that are needed here. */
interface DrawnElement {
  readonly outerHTML: string;
  querySelector(selector: string): { remove(): void } | null;
}

export function newPen(): Pen {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  return {
    plot: Plot,
    drawn: (label, options) => {
      const element: DrawnElement = Plot.plot({ document, className: 'plot', ...options });
      // Its own style is for the web page it is usually part of; ours is in the head.
      element.querySelector('style')?.remove();
      // The serialiser escapes what Plot was given; what cannot be seen is spelled out here, so that no chart can forget it.
      const rest = visible(element.outerHTML.slice('<svg'.length));
      return html`<svg role="img" aria-label="${label}"${Html.of([rest], [])}`;
    },
  };
}
