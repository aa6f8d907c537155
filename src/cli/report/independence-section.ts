// How independent this council is known to be, and how little that is. Agreement among seats that err for the same reasons
// is one opinion counted often (protocol 1.5), so every decision is shown with what its seats share.
import { quorumOf } from '../../consensus/quorum.ts';
import { DOMAIN_KINDS, domainReport, type Loss, type Losses } from '../../council/fault-domains.ts';
import { type Html, html, quoted } from '../../evals/report/html.ts';
import { effectiveVotesWords } from '../effective-votes.ts';
import { plural } from '../layout.ts';
import { answersFrom } from './decision-section.ts';
import type { ReportedCase, ReportedSeat } from './reported-case.ts';

const DOMAINS_NAMED = 12;

export function independenceSection(reported: ReportedCase): Html {
  const { decision, founding, seats } = reported;
  const { n, f, q } = quorumOf(decision.seats);
  const report = domainReport(founding.roster);
  const standIns = founding.roster.seats.filter(({ provenance }) => provenance !== undefined).length;
  const rows = DOMAIN_KINDS.map((kind) => {
    const domains = report.domains.filter((domain) => domain.kind === kind);
    const [largest] = domains;
    const shown = domains
      .slice(0, DOMAINS_NAMED)
      .map(({ name, seats }) => html`${quoted(name)} ${seats.length} · `);
    const left = domains.length - DOMAINS_NAMED;
    const over = (largest?.seats.length ?? 0) > report.cap;
    return html`<tr><th scope="row">${kind}</th><td>${shown}${left > 0 ? `and ${left} more` : plural(domains.length, 'in all', 'in all')}</td><td class="n">${largest?.seats.length ?? 0}</td><td class="n">${report.cap}</td><td class="short">${over ? html`<strong class="reject">over the cap</strong>` : 'within the cap'}</td></tr>`;
  });
  return html`<p>${worth(reported)} ${n} seats are not ${n} independent opinions: elsewhere nine model judges of seven families were found to carry about two independent votes (Kohli 2026, “Nine Judges, Two Effective Votes”). What is known is who stands behind which seat, and what would follow if they failed together.</p>
<p>${answersFrom(decision)}${standIns > 0 ? ` ${standIns} of ${n} seats sit in the roster as stand-ins, which stand under no maker’s name: one program spoke for them, so their agreement says nothing about independence.` : ''}</p>
<div class="wide keep" tabindex="0" role="region" aria-label="What seats share"><table><caption>What seats share, against the cap</caption>
<thead><tr><th scope="col">Shared</th><th scope="col">by whom, and how many seats</th><th scope="col" class="n">most</th><th scope="col" class="n">cap</th><th scope="col">so it is</th></tr></thead>
<tbody>${rows}</tbody></table></div>
<div class="wide keep" tabindex="0" role="region" aria-label="What losing developers would do"><table><caption>If the largest developers failed, or turned, together</caption>
<thead><tr><th scope="col">Developers</th><th scope="col" class="n">seats</th><th scope="col" class="n">left</th><th scope="col">then</th><th scope="col">had they voted the other way</th></tr></thead>
<tbody>${lossesOf(report.worstOne, report.worstTwo).map((loss) => lossRow(loss, reported))}</tbody></table></div>
<p>${inAll(report.ones, 'developer')} ${inAll(report.twos, 'pair')} ${turning(seats, reported)}</p>
<p class="note">What the count promises: a wrong approval needs ${q} approvals, so beside ${f} hostile seats still ${q - f} of ${n - f} honest ones that err. A wrong rejection needs only ${n - q + 1} seats that do not approve, so beside ${f} hostile ones ${Math.max(0, n - q + 1 - f)} that err. The council fails towards “not approved”. Agreement is protected only while faults are independent.</p>`;
}

/** What a suite has measured of this very panel; nobody's signed word, so it says where it comes from. */
function worth({ measured, decision, founding }: ReportedCase): Html {
  if (measured === undefined) {
    return html`<strong>How many independent votes these ${decision.seats} seats are worth has not been measured.</strong>`;
  }
  const { value, low, high } = measured.meanErrorCorrelation;
  return html`<strong>Effective votes: ${effectiveVotesWords(measured, founding.roster)}.</strong> Errors of two seats correlate by ${value.toFixed(2)} in the mean (${low.toFixed(2)} to ${high.toFixed(2)}). This is no part of the certificate; it was measured by <code>${quoted(measured.command)}</code>.`;
}

/** "Of 66 pairs, 3 could block an approval, none could decide alone." */
function inAll({ of, block, breakSafety, decide }: Losses, what: string): string {
  if (of === 0) return '';
  const none = (count: number): string => (count === 0 ? 'none' : String(count));
  return `Of ${plural(of, what)}, ${none(block)} could block every approval, ${none(breakSafety)} could break agreement, ${none(decide)} could approve alone.`;
}

/** Where one developer stands behind all seats there are no two. */
function lossesOf(one: Loss, two: Loss): readonly Loss[] {
  return two.developers.length > one.developers.length ? [one, two] : [one];
}

function lossRow({ developers, seats, blocks, breaksSafety, decides }: Loss, reported: ReportedCase): Html {
  const { decision } = reported;
  const then = [
    blocks ? 'nothing is approved without them' : 'the rest can still approve',
    ...(breaksSafety ? ['agreement itself is no longer promised'] : []),
    ...(decides ? ['they alone could approve anything'] : []),
  ];
  const members = reported.seats.filter(({ developer }) => developers.includes(developer));
  return html`<tr><th scope="row">${developers.map((name, i) => html`${i === 0 ? '' : ' and '}${quoted(name)}`)}</th><td class="n">${seats}</td><td class="n">${decision.seats - seats}</td><td>${then.join('; ')}</td><td>${turns(members, decision) ? html`<strong>another outcome</strong>` : 'the same outcome'}</td></tr>`;
}

type Count = Pick<ReportedCase['decision'], 'outcome' | 'tally' | 'threshold'>;

/** Would the outcome be another, had these seats all voted against it? */
export function turns(members: readonly ReportedSeat[], { outcome, tally, threshold }: Count): boolean {
  const approving = members.filter(({ state }) => state === 'approve').length;
  return outcome === 'approved'
    ? tally.approve - approving < threshold
    : tally.approve + (members.length - approving) >= threshold;
}

/** The fewest developers whose seats could have turned it, in words. */
function turning(seats: readonly ReportedSeat[], { decision }: ReportedCase): Html {
  const wanted = decision.outcome === 'approved' ? 'approve' : 'reject';
  const weight = (members: readonly ReportedSeat[]): number =>
    members.filter(({ state }) => (state === 'approve') === (wanted === 'approve')).length;
  const developers = [...new Set(seats.map(({ developer }) => developer))]
    .map((name) => ({ name, members: seats.filter(({ developer }) => developer === name) }))
    .sort((a, b) => weight(b.members) - weight(a.members));
  for (let many = 1; many <= developers.length; many++) {
    const chosen = developers.slice(0, many);
    if (
      !turns(
        chosen.flatMap(({ members }) => members),
        decision,
      )
    )
      continue;
    const names = chosen.map(({ name }, i) => html`${i === 0 ? '' : ', '}${quoted(name)}`);
    return many === 1
      ? html`Had the seats of ${names} alone all voted the other way, the outcome would be another one.`
      : html`It takes ${many} developers (${names}) voting the other way to turn this outcome; no fewer could.`;
  }
  return html`The outcome could not have been turned by any developers.`;
}
