// When a case may open (protocol 4.1). Criteria come from the charter, never from the submitter; a council that may
// be asked again until it errs is no council; and evidence that a quorum holds cannot be shown to some only. Receipts
// may be of the epoch before, so that a case on its way when the roster changes need not be filed anew; the panel is
// that of the epoch in force (protocol 6.1).
import type { Admission } from '../consensus/application.ts';
import { caseIdOf, questionOf } from './case.ts';
import { policyOf } from './charter.ts';
import type { Draft } from './draft.ts';
import type { CaseOpened } from './entry.ts';
import type { Rules } from './rules.ts';
import { MAX_OPEN_CASES, type Standing, VACANT, WAITING } from './state.ts';

/** Opens the case in the draft when it answers 'now'. */
export function openCase(draft: Draft, entry: CaseOpened, { charter, quorum }: Rules): Admission {
  const { case: document, receipts } = entry;
  if (entry.epoch !== draft.epoch && entry.epoch !== draft.epoch - 1) return 'never';
  const policy = policyOf(charter, document.type);
  const submitter = charter.submitters.find(({ id }) => id === document.submitter);
  if (policy === undefined || submitter === undefined) return 'never';
  if (receipts.length < quorum.q || receipts.some(({ seat }) => seat > quorum.n)) return 'never';

  const caseId = caseIdOf(document);
  const question = questionOf(document);
  const earlier = draft.attemptsOf(question);
  if (earlier.includes(caseId) || document.attempt > charter.attempts) return 'never';
  const inOrder = document.attempt === earlier.length + 1 && document.earlier.length === earlier.length;
  if (!inOrder || document.earlier.some((id, i) => id !== earlier[i])) return 'never';
  // two attempts at once would be two tries at one answer
  if (earlier.some((id) => draft.open.has(id))) return 'later';

  const ofSubmitter = [...draft.open.values()].filter(
    (open) => open.document.submitter === submitter.id,
  ).length;
  if (ofSubmitter >= submitter.quota || draft.open.size >= MAX_OPEN_CASES) return 'later';

  const { timeMs } = draft.moment;
  draft.addCase(question, {
    caseId,
    document,
    policy,
    panel: draft.epoch,
    suspected: draft.suspected,
    openedMs: timeMs,
    phase: 'commit',
    deadlineMs: timeMs + charter.windows.commitMs,
    lateLeaders: [],
    seats: draft.roster.seats.map(({ vacant }): Standing => (vacant === true ? VACANT : WAITING)),
  });
  return 'now';
}
