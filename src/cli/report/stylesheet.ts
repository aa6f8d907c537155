// How a report looks: on paper first, since that is how it will be filed; then on a screen, by day and by night, and
// on a phone. Only fonts that are there already, nothing that has to be fetched.
import { BY_DAY, BY_NIGHT, properties } from '../../evals/report/palette.ts';

export const STYLESHEET = `
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
.sans,table,.kicker,.note,dt,nav,figcaption,.marks,.tick,.say header,.chamber text,.trial{
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif}
.kicker{font-size:.78rem;letter-spacing:.09em;text-transform:uppercase;color:var(--quiet);margin:0}
.note,figcaption{font-size:.87rem;line-height:1.5;color:var(--quiet)}
.sub{color:var(--quiet);margin:0}
code,pre,.digest{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.84em}
pre{background:var(--shade);border:1px solid var(--line);border-radius:4px;padding:.9rem 1.1rem;margin:.4rem 0 1.2rem;
white-space:pre-wrap;line-height:1.55}
nav{font-size:.87rem;margin-top:2.2rem}
nav ol{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1.3rem}
.trial{border:2px solid var(--unsure);background:var(--unsure-tint);border-radius:4px;padding:1rem 1.3rem;margin:2rem 0 0}
.trial strong{color:var(--unsure);letter-spacing:.06em}
.trial p{margin:.25rem 0 0;font-size:.95rem;line-height:1.5}
.trial.broken{border-color:var(--reject);background:var(--reject-tint)}
.trial.broken strong{color:var(--reject)}
.verdict{margin-top:2rem}
.verdict .word{font-size:2.9rem;line-height:1.1;font-weight:600;letter-spacing:-.015em;margin:0 0 .3rem}
.verdict .why{font-size:1.15rem}
.approve{color:var(--approve)}.reject{color:var(--reject)}.unsure{color:var(--unsure)}.quiet{color:var(--quiet)}
dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.45rem 1.6rem;margin:1.6rem 0}
dt{font-size:.87rem;color:var(--quiet);padding-top:.14rem}
dd{margin:0}
dd p{margin:0 0 .3rem}
figure{margin:1.6rem 0}
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
.marks{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;padding:0;margin:.6rem 0 0;font-size:.92rem}
.marks svg{width:1.35rem;height:1.35rem;vertical-align:-.35rem;margin-right:.4rem}
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
h4{font-size:1rem;margin:1.6rem 0 .4rem}
.look{background:var(--shade);border-left:3px solid var(--unsure);padding:.8rem 1.2rem;margin:1rem 0}
.look p,.look ul{margin:0 0 .3rem}
.look ul{padding-left:1.2rem}
ul.note{padding-left:1.2rem;max-width:42rem}
.side{margin:.6rem 0 .2rem}
.side.met strong{color:var(--approve)}.side.not-met strong{color:var(--reject)}.side.insufficient strong{color:var(--unsure)}
.held{list-style:none;margin:0 0 .5rem;padding-left:1.1rem;max-width:44rem}
.held li{margin-bottom:.3rem;font-size:.98rem;line-height:1.5;overflow:hidden}
.clash{border-left:3px solid var(--unsure);padding-left:1rem;margin-left:.1rem;font-size:.98rem}
.files{padding-left:1.2rem}
.files li{margin-bottom:.5rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{margin-top:4rem;padding-top:1.2rem;border-top:1px solid var(--line)}
@media (max-width:40rem){
body{font-size:1rem}
.sheet{padding:1.8rem 1.1rem 3rem}
h1{font-size:1.6rem}.verdict .word{font-size:2.2rem}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.8rem}
th,td{padding:.4rem .34rem}
table{font-size:.86rem}thead th{font-size:.78rem}
.chamber{width:144%;margin-left:-22%}
figure{overflow:hidden}
.chamber .maker,.chamber .number{display:none}
.chamber .needed{font-size:24px}
.matrix tbody th,.matrix thead th:first-child{position:sticky;left:0;background:var(--paper)}
}
@page{size:A4;margin:17mm 16mm 18mm}
@media print{
:root{--paper:#fff}
html{font-size:9.6pt}
body{font-size:1.04rem;line-height:1.5}
.sheet{max-width:none;padding:0}
nav{display:none}
section{margin-top:9mm;padding-top:5mm}
h2,h3,h4,.side,caption,thead,header{break-after:avoid}
tr,figure,.trial,.keep,pre,dl{break-inside:avoid}
.wide{overflow:visible}
a{text-decoration:none}
.matrix th,.matrix td{padding:.08rem .3rem}
.said{columns:2;column-gap:8mm}
.said .say{margin-top:0;break-inside:avoid}
.matrix .group{break-after:avoid}
p:has(+ul),p:has(+pre){break-after:avoid}
.screen{display:none}
}
`.trim();
