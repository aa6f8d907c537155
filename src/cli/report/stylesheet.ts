// How a report of a review looks, beyond what all pages share: its chamber, its tallies, what its seats say.
import { stylesheetWith } from '../../evals/report/base-stylesheet.ts';

const RULES = `
.tick,.say header,.chamber text,.trial{
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif}
.trial{border:2px solid var(--unsure);background:var(--unsure-tint);border-radius:4px;padding:1rem 1.3rem;margin:2rem 0 0}
.trial strong{color:var(--unsure);letter-spacing:.06em}
.trial p{margin:.25rem 0 0;font-size:.95rem;line-height:1.5}
.trial.broken{border-color:var(--reject);background:var(--reject-tint)}
.trial.broken strong{color:var(--reject)}
.verdict{margin-top:2rem}
.verdict .word{font-size:2.9rem;line-height:1.1;font-weight:600;letter-spacing:-.015em;margin:0 0 .3rem}
.verdict .why{font-size:1.15rem}
.chamber{display:block;width:100%;height:auto}
.chamber text{fill:var(--ink)}
.chamber .maker{fill:var(--quiet);font-size:15px}
.chamber .sum{font-size:58px;font-weight:600;font-family:Charter,"Bitstream Charter","Iowan Old Style",Palatino,Georgia,serif}
.chamber .needed{fill:var(--quiet);font-size:16px}
.chamber .number{font-size:11.5px;font-variant-numeric:tabular-nums}
.chamber .arc{fill:none;stroke:var(--line);stroke-width:1.5}
.seat-approve circle{fill:var(--approve)}.seat-approve path{stroke:var(--paper)}.chamber .seat-approve text{fill:var(--paper)}
.seat-reject circle{fill:var(--reject-tint);stroke:var(--reject);stroke-width:2.5}.seat-reject path{stroke:var(--reject)}
.seat-abstain circle{fill:var(--unsure-tint);stroke:var(--unsure);stroke-width:1.5}.seat-abstain path{stroke:var(--unsure)}
.seat-withheld circle,.seat-absent circle{fill:none;stroke:var(--quiet);stroke-width:1.5;stroke-dasharray:4 4}
.seat-withheld path,.seat-absent path{stroke:var(--quiet)}
.mark path{fill:none;stroke-width:3;stroke-linecap:round;stroke-linejoin:round}
.tally{margin:1.6rem 0 0;max-width:none}
.tick{position:relative;height:1.5rem;font-size:.82rem;color:var(--quiet)}
.tick span{position:absolute;bottom:.15rem;white-space:nowrap;border-right:2px solid var(--ink);padding:0 .5rem .1rem 0;transform:translateX(-100%)}
.bar{display:block;width:100%;height:1.7rem}
td .bar{height:.85rem;min-width:7.5rem}
.bar .a{fill:var(--approve)}
.bar .r{fill:var(--reject-tint);stroke:var(--reject);stroke-width:1.5;vector-effect:non-scaling-stroke}
.bar .u{fill:var(--unsure)}
.bar .m{fill:var(--line)}
.bar .q{stroke:var(--ink);stroke-width:2;vector-effect:non-scaling-stroke}
table.matrix{width:auto;min-width:100%}
.matrix th,.matrix td{padding:.2rem .35rem}
.matrix thead th.tall{vertical-align:bottom;text-align:center;padding:.4rem .1rem;border-left:0}
.matrix .tall span{writing-mode:vertical-rl;transform:rotate(180deg);max-height:11.5rem;display:block;margin:0 auto;line-height:1.15;white-space:normal}
.matrix tbody th{white-space:nowrap}
.matrix .group th{padding-top:.8rem;font-size:.82rem;color:var(--quiet);font-weight:500}
.matrix .f{text-align:center;min-width:1.9rem;border-left:1px solid var(--line)}
.matrix .met{color:var(--approve)}
.matrix .not-met{color:var(--reject);background:var(--reject-tint);font-weight:700}
.matrix .insufficient{color:var(--unsure);background:var(--unsure-tint);font-weight:700}
.matrix .none{color:var(--quiet)}
.number{color:var(--quiet);font-weight:400}
.say{margin:1.1rem 0;padding:.1rem 0 .1rem 1.1rem;border-left:3px solid var(--line);overflow:hidden}
.say.of-approve{border-color:var(--approve)}.say.of-reject{border-color:var(--reject)}.say.of-abstain{border-color:var(--unsure)}
.say header{font-size:.87rem;line-height:1.45;color:var(--quiet);margin:0 0 .35rem}
.say header b{color:var(--ink);font-weight:600}
.say p{margin:0 0 .55rem;font-size:.98rem;line-height:1.5;max-width:44rem}
.say p.note{font-size:.87rem}
.look{background:var(--shade);border-left:3px solid var(--unsure);padding:.8rem 1.2rem;margin:1rem 0}
.look p,.look ul{margin:0 0 .3rem}
.look ul{padding-left:1.2rem}
.side{margin:.6rem 0 .2rem}
.side.met strong{color:var(--approve)}.side.not-met strong{color:var(--reject)}.side.insufficient strong{color:var(--unsure)}
.held{list-style:none;margin:0 0 .5rem;padding-left:1.1rem;max-width:44rem}
.held li{margin-bottom:.3rem;font-size:.98rem;line-height:1.5;overflow:hidden}
.clash{border-left:3px solid var(--unsure);padding-left:1rem;margin-left:.1rem;font-size:.98rem}
.files{padding-left:1.2rem}
.files li{margin-bottom:.5rem}
`;

const NARROW = `
.chamber{width:144%;margin-left:-22%}
.chamber .maker,.chamber .number{display:none}
.chamber .needed{font-size:24px}
.matrix tbody th,.matrix thead th:first-child{position:sticky;left:0;background:var(--paper)}
.verdict .word{font-size:2.2rem}
`;

const PRINT = `
.matrix th,.matrix td{padding:.08rem .3rem}
.said{columns:2;column-gap:8mm}
.said .say{margin-top:0;break-inside:avoid}
.matrix .group{break-after:avoid}
.side,.say header{break-after:avoid}
.trial{break-inside:avoid}
`;

export const STYLESHEET = stylesheetWith({ rules: RULES, narrow: NARROW, print: PRINT });
