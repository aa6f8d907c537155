// How a page of evals looks, beyond what all pages share: its charts, its figures with their whiskers, its long tables.
import { stylesheetWith } from './base-stylesheet.ts';
import { CHART_BY_DAY, CHART_BY_NIGHT, chartProperties } from './chart-colours.ts';

const RULES = `
:root{${chartProperties(CHART_BY_DAY)}}
@media screen and (prefers-color-scheme:dark){:root{${chartProperties(CHART_BY_NIGHT)}}}
.sheet{max-width:62rem}
.part{margin-top:3rem}
.part>h3{font-size:1.22rem}
section .loose{min-width:12rem}
.lead{font-size:1.15rem}
.plot{display:block;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif;font-size:13px;
fill:var(--ink);color:var(--ink);overflow:visible}
.plot text{white-space:pre}
.plot [aria-label$="grid"]{stroke:var(--line);stroke-opacity:1}
.plot [aria-label$="tick label"],.plot [aria-label$="axis label"]{fill:var(--quiet)}
.plot [aria-label$="axis tick"]{stroke:var(--line)}
.curves svg,.broad svg,.slim svg{max-width:100%;height:auto}
.slim{display:none}
.lines{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem 1.5rem;padding:0;margin:.3rem 0 .4rem;color:var(--ink);font-size:.9rem}
.lines li{display:flex;align-items:center;gap:.5rem;max-width:100%}
.lines svg{flex:none;overflow:hidden}
.lines span{min-width:0}
.sideways{display:none}
@media (max-width:63rem){.sideways{display:block;margin:0}}
.wide{--behind:var(--paper);--edge:color-mix(in srgb,var(--ink) 30%,transparent);
background:linear-gradient(to right,var(--behind) 50%,transparent) 0 0/2.5rem 100% no-repeat local,
linear-gradient(to left,var(--behind) 50%,transparent) 100% 0/2.5rem 100% no-repeat local,
linear-gradient(to right,var(--edge),transparent) 0 0/.8rem 100% no-repeat scroll,
linear-gradient(to left,var(--edge),transparent) 100% 0/.8rem 100% no-repeat scroll}
.made .wide{--behind:var(--shade)}
thead .n,thead .ci{white-space:normal}
.figures thead .n{white-space:nowrap}
.dense{font-size:.84rem}
.dense :is(th,td):not(:first-child){padding-left:.36rem}
.dense :is(th,td):not(:last-child){padding-right:.36rem}
.group th{padding-top:1.1rem;padding-left:0;font-weight:600}
.group div{position:sticky;left:0;width:fit-content;max-width:calc(100vw - 2.2rem)}
.digest{word-break:break-all}
.made .digest{font-size:.76rem;white-space:nowrap}
.scale{display:flex;flex-wrap:wrap;gap:.5rem 1.6rem;align-items:flex-start;margin-top:.4rem}
.scale p{margin:0}
.steps{display:inline-flex;padding:0 .6rem 1.4rem .3rem}
.steps i{display:block;position:relative;width:.95rem;height:.95rem}
.steps i span{position:absolute;top:1.05rem;left:50%;transform:translateX(-50%);font-style:normal;font-size:.75rem;white-space:nowrap}
.ci{display:block;color:var(--quiet);font-size:.82rem;font-weight:400;white-space:nowrap}
td b{font-weight:600}
table.figures{margin:1.2rem 0;table-layout:auto}
.figures th[scope=row]{width:99%;padding-bottom:.6rem;overflow-wrap:anywhere}
.figures .axis td{padding:.9rem 0 0;border-bottom:0}
.ticks{position:relative;height:1.1rem;margin-right:1.4rem;color:var(--quiet);font-size:.76rem}
.ticks span{position:absolute;transform:translateX(-50%);white-space:nowrap}
.ticks span:first-child{transform:none}
.whisker{display:block;width:calc(100% - 1.4rem);height:14px;margin-top:.35rem;overflow:visible}
.whisker line,.whisker path{vector-effect:non-scaling-stroke;fill:none}
.whisker .grid{stroke:var(--line);stroke-width:1}
.whisker .origin{stroke:var(--quiet);stroke-width:1}
.whisker .reach{stroke:var(--s1);stroke-width:1.6}
.whisker .dot{stroke:var(--s1);stroke-width:8.5;stroke-linecap:round}
.whisker .counted{stroke-linecap:square;stroke-width:7}
.way{color:var(--quiet);font-weight:400;font-size:.82rem;white-space:nowrap;margin-left:.4rem}
.confusion{width:auto;min-width:60%}
.confusion .wrong{background:var(--reject-tint)}
.confusion .wrong b,.confusion .wrong .ci{color:var(--reject)}
.confusion td,.confusion td:last-child{padding-right:.9rem;padding-left:1.6rem}
.tall{max-height:34rem;overflow:auto;border-bottom:1px solid var(--line)}
.tall thead th{position:sticky;top:0;background:var(--paper);z-index:1}
details{margin:.4rem 0 1.2rem}
summary{cursor:pointer;font-size:.9rem;color:var(--quiet);font-family:system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
summary:focus-visible{outline:2px solid var(--ink);outline-offset:3px}
.made{background:var(--shade);border-radius:6px;padding:.4rem 1.4rem 1rem;margin-top:2.4rem}
.made pre{background:var(--paper)}
.first{border-left:3px solid var(--unsure);background:var(--shade);border-radius:0 6px 6px 0;padding:.8rem 1.2rem .7rem;margin:1.2rem 0 1.6rem;max-width:46rem}
.first h2,.first h3{font-size:1.02rem;margin:0 0 .4rem;display:block}
.first ul{margin:0;padding-left:1.1rem;font-size:.97rem;line-height:1.5}
.first li{margin-bottom:.3rem}
`;

const NARROW = `
.broad{display:none}.slim{display:block}
.steps i{width:.72rem}
.made{padding:.3rem .9rem .8rem;margin-left:-.4rem;margin-right:-.4rem}
.way{display:block;margin:0}
.confusion .ci{white-space:normal}
section .loose{min-width:7rem}
.made .digest{white-space:normal}
.ticks span:not(:first-child):not(:last-child){display:none}
.ticks span:last-child{transform:translateX(-100%)}
.figures thead .n{white-space:normal}
.confusion td,.confusion td:last-child{padding-left:.3rem;padding-right:.3rem}
.confusion td.n{white-space:normal}
`;

const PRINT = `
.tall{max-height:none;overflow:visible}
.tall thead th{position:static}
.heat svg{max-width:100%;height:auto}
.wide{background:none}
details:not([open]){display:none}
.part{break-inside:auto}
`;

export const EVAL_STYLESHEET = stylesheetWith({ rules: RULES, narrow: NARROW, print: PRINT });
