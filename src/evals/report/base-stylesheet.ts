// How every page looks, of reviews and of evals: on paper first, since that is how it will be filed; then on a screen, by day
// and by night, and on a phone. Only fonts that are there already, nothing that has to be fetched.
import { BY_DAY, BY_NIGHT, properties } from './palette.ts';

const RULES = `
:root{color-scheme:light dark;${properties(BY_DAY)}}
@media screen and (prefers-color-scheme:dark){:root{${properties(BY_NIGHT)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{margin:0;background:var(--paper);color:var(--ink);
font:1.0625rem/1.6 Charter,"Bitstream Charter","Iowan Old Style","Palatino Linotype",Palatino,"Source Serif 4",Georgia,serif;
overflow-wrap:anywhere;hyphens:manual}
.sheet{max-width:54rem;margin:0 auto;padding:3.5rem 1.5rem 5rem}
h1,h2,h3{line-height:1.25;font-weight:600;text-wrap:balance;margin:0}
h1{font-size:2.1rem;letter-spacing:-.01em;margin:.35rem 0 .4rem}
h2{font-size:1.45rem;margin:0 0 1rem;display:flex;gap:.7rem;align-items:baseline}
h2 .no{color:var(--quiet);font-weight:400;font-variant-numeric:oldstyle-nums;min-width:1.1rem}
h3{font-size:1.06rem;margin:2.2rem 0 .6rem}
p{margin:0 0 .9rem;max-width:42rem}
a{color:inherit;text-decoration-color:var(--quiet);text-underline-offset:.18em}
a:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--ink);outline-offset:3px}
section{margin-top:3.6rem;padding-top:1.5rem;border-top:1px solid var(--line)}
.sans,table,.kicker,.note,dt,nav,figcaption,.marks{
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif}
.kicker{font-size:.78rem;letter-spacing:.09em;text-transform:uppercase;color:var(--quiet);margin:0}
.note,figcaption{font-size:.87rem;line-height:1.5;color:var(--quiet)}
.sub{color:var(--quiet);margin:0}
code,pre,.digest{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.84em}
pre{background:var(--shade);border:1px solid var(--line);border-radius:4px;padding:.9rem 1.1rem;margin:.4rem 0 1.2rem;
white-space:pre-wrap;line-height:1.55}
nav{font-size:.87rem;margin-top:2.2rem}
nav ol{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1.3rem}
.approve{color:var(--approve)}.reject{color:var(--reject)}.unsure{color:var(--unsure)}.quiet{color:var(--quiet)}
dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.45rem 1.6rem;margin:1.6rem 0}
dt{font-size:.87rem;color:var(--quiet);padding-top:.14rem}
dd{margin:0}
dd p{margin:0 0 .3rem}
figure{margin:1.6rem 0}
.wide{overflow-x:auto;margin:1.2rem 0}
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.4;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:0 0 .6rem}
th,td{padding:.42rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
thead th{font-weight:500;font-size:.82rem;color:var(--quiet);vertical-align:bottom;border-bottom-color:var(--quiet)}
th,td{overflow-wrap:break-word}
.loose{overflow-wrap:anywhere}
.short{white-space:nowrap}
tbody th{font-weight:500}
.n{text-align:right;white-space:nowrap}
td.zero{color:var(--quiet)}
h4{font-size:1rem;margin:1.6rem 0 .4rem}
ul.note{padding-left:1.2rem;max-width:42rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.marks{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;padding:0;margin:.6rem 0 0;font-size:.92rem}
.marks svg{width:1.35rem;height:1.35rem;vertical-align:-.35rem;margin-right:.4rem}
footer{margin-top:4rem;padding-top:1.2rem;border-top:1px solid var(--line)}
`;

const NARROW = `
body{font-size:1rem}
.sheet{padding:1.8rem 1.1rem 3rem}
h1{font-size:1.6rem}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.8rem}
th,td{padding:.4rem .34rem}
table{font-size:.86rem}thead th{font-size:.78rem}
figure{overflow:hidden}
`;

const PRINT = `
:root{--paper:#fff}
html{font-size:9.6pt}
body{font-size:1.04rem;line-height:1.5}
.sheet{max-width:none;padding:0}
nav{display:none}
section{margin-top:9mm;padding-top:5mm}
h2,h3,h4,caption,thead,header{break-after:avoid}
tr,figure,.keep,pre,dl{break-inside:avoid}
.wide{overflow:visible}
a{text-decoration:none}
p:has(+ul),p:has(+pre){break-after:avoid}
.screen{display:none}
`;

/** What a kind of page has of its own. */
export interface OwnRules {
  readonly rules: string;
  readonly narrow: string;
  readonly print: string;
}

/** What a narrow screen and paper ask for stands last, and so holds. */
export function stylesheetWith(own: OwnRules): string {
  return [
    `${RULES}${own.rules}`,
    `@media (max-width:40rem){${NARROW}${own.narrow}}`,
    '@page{size:A4;margin:17mm 16mm 18mm}',
    `@media print{${PRINT}${own.print}}`,
  ]
    .join('\n')
    .replace(/\n{2,}/g, '\n')
    .trim();
}
