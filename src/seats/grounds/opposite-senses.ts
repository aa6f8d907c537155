// Pairs of words that say opposite things of the same matter, as they occur in reasons about evidence. Each pair is one
// concept with two signs, so that "above" and "not below" agree while "above" and "below" do not.
import { stemOf } from './words.ts';

const PAIRS: readonly string[] = [
  'above exceeds | below under beneath',
  'more higher larger greater increased increases rose rises | fewer less lower smaller decreased decreases fell falls',
  'always | never seldom rarely',
  'complete completely | incomplete partial',
  'sufficient enough adequate adequately | insufficient inadequate inadequately',
  'independent independently | dependent biased',
  'valid | invalid void',
  'safe safely | unsafe dangerous',
  'known | unknown unclear',
  'signed authenticated | unsigned unauthenticated',
  'trained qualified | untrained unqualified',
  'disclosed published public openly | undisclosed unpublished secret secretly hidden',
  'documented recorded | undocumented unrecorded',
  'encrypted masked redacted | unencrypted unmasked plaintext',
  'limited restricted confined | unlimited unrestricted unconfined',
  'temporary | permanent indefinite indefinitely endless',
  'justified | unjustified arbitrary',
  'deleted erased discarded destroyed | kept retained stored',
  'included includes | excluded excludes omitted',
  'allowed permitted allows permits | forbidden prohibited barred banned forbids prohibits',
  'accepts accepted | rejects rejected refuses refused',
  'stable | unstable',
  'tested verified checked measured | untested unverified unchecked unmeasured',
  'supported maintained | unsupported unmaintained',
  'fixed closed remediated resolved | unfixed unresolved unpatched',
  'improved better | worsened worse',
  'present available | absent unavailable missing',
  'automatic automatically automated | manual manually',
  'fair fairly | unfair unfairly',
  'explained explainable | unexplained inexplicable',
  'monitored watched | unmonitored unwatched unnoticed',
  'reported | unreported concealed',
  'reliable reliably | unreliable',
  'lawful legal | unlawful illegal',
  'likely | unlikely',
  'voluntary freely | forced compulsory',
  'comfortably well | narrowly poorly badly',
  'early promptly timely immediately | late belatedly',
  'passed passes | failed',
  'equal equally level | unequal unequally',
  'aware informed told | unaware uninformed',
];

/** By word, and by stem where that is not itself in a pair of its own. */
export const SENSES: ReadonlyMap<string, { readonly concept: string; readonly sign: 1 | -1 }> = senses();

function senses() {
  const found = new Map<string, { concept: string; sign: 1 | -1 }>();
  for (const pair of PAIRS) {
    const [affirming = '', denying = ''] = pair.split(' | ');
    const concept = `± ${affirming.split(' ')[0]}`;
    for (const word of affirming.split(' ')) found.set(word, { concept, sign: 1 });
    for (const word of denying.split(' ')) found.set(word, { concept, sign: -1 });
  }
  for (const [word, sense] of [...found]) if (!found.has(stemOf(word))) found.set(stemOf(word), sense);
  return found;
}
