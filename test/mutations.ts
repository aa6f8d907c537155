// `npm run mutations [count] [seed]`: a certificate of 33 seats and its proof in 10,000 mutations, and every forgery we
// could think of. Each must be refused; the tally says which check refused how many. It also says how long a true
// one takes. Signatures are checked by the fast backends where their binaries are: the verifier is the same code.
import { type CheckName, verifyCertificate } from '../src/ledger/verifier.ts';
import { nobleBls } from '../src/signing/bls.ts';
import { nobleEd25519 } from '../src/signing/ed25519.ts';
import { fastestEd25519 } from '../src/signing/ed25519-fastest.ts';
import { certifiedIn, councilInThirdEpoch, epochForgeries } from './rigs/epoch-forgeries.ts';
import { forgeries, subjectOf } from './rigs/forgeries.ts';
import { type Mutant, nextMutant, seededPick } from './rigs/mutants.ts';
import { bls } from './rigs/published-ledger.ts';

const FAST = { ed25519: fastestEd25519, bls };
const PORTABLE = { ed25519: nobleEd25519, bls: nobleBls };

const [count = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const pick = seededPick(seed);
const signedBy = [...[22, 33].map((signers) => subjectOf(33, signers)), certifiedIn(councilInThirdEpoch())];
const refused = new Map<CheckName, number>();
const passed: string[] = [];

function refuse(mutant: Mutant, anchor: (typeof signedBy)[number]['chamber']['founding']['councilId']): void {
  const { status, failed } = verifyCertificate({ ...mutant, anchor }, FAST);
  if (status !== 'invalid' || failed === undefined) passed.push(mutant.name);
  else refused.set(failed, (refused.get(failed) ?? 0) + 1);
}

for (const subject of signedBy) {
  const anchor = subject.chamber.founding.councilId;
  for (const [name, backends] of Object.entries({ fast: FAST, portable: PORTABLE })) {
    const started = performance.now();
    const { status, checks } = verifyCertificate({ ...subject, anchor }, backends);
    const tookMs = Math.round(performance.now() - started);
    if (status !== 'valid') throw new Error(`the certificate itself is ${status}: ${checks.at(-1)?.detail}`);
    console.log(`${subject.certificate.length} bytes, ${name} backends: valid after ${tookMs} ms`);
  }
  for (let i = 0; i < count / signedBy.length; i++) refuse(nextMutant(subject, pick), anchor);
}
const forged = forgeries(33);
const anchor = signedBy[0]?.chamber.founding.councilId;
if (anchor !== undefined) for (const forgery of forged) refuse(forgery, anchor);
const ofChains = epochForgeries();
const chained = signedBy.at(-1)?.chamber.founding.councilId;
if (chained !== undefined) for (const forgery of ofChains) refuse(forgery, chained);

console.log(
  `${count} mutations (seed ${seed}) and ${forged.length + ofChains.length} forgeries, refused by:`,
);
for (const [name, times] of [...refused].sort(([, a], [, b]) => b - a))
  console.log(`  ${name.padEnd(20)} ${times}`);
console.log(passed.length === 0 ? 'none passed' : `PASSED: ${passed.join(', ')}`);
process.exitCode = passed.length === 0 ? 0 : 1;
