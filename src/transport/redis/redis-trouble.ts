// What a server's or a socket's error words mean for us. The words are a stranger's: anything unknown is `other`, and
// no kind does more than be counted, waited for, or have one of our own keys made anew.
import type { TroubleKind } from './redis-stats.ts';

const KINDS: readonly (readonly [RegExp, TroubleKind])[] = [
  [/^(?:NOAUTH|WRONGPASS|NOPERM)\b|invalid password|without any password/i, 'access'],
  [/^LOADING\b/, 'loading'],
  [/^READONLY\b/, 'read-only'],
  [/^(?:OOM|MISCONF)\b/, 'out-of-memory'],
  [/^WRONGTYPE\b/, 'wrong-type'],
  [/exhausted the last possible ID|equal or smaller than the target stream top item/, 'exhausted'],
  [/timeout|timed out|ETIMEDOUT/i, 'timeout'],
  [
    /ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|EHOST|ENET|Connection is closed|Stream isn't writeable|aborted due to connection|MaxRetriesPerRequest|max retries per request/i,
    'unreachable',
  ],
];

export function troubleOf(message: string): TroubleKind {
  return KINDS.find(([pattern]) => pattern.test(message))?.[1] ?? 'other';
}
