// When two questions are the same question: the same seat asks the same model the same words in the same way. Seats
// never share an answer, even where all else is equal, since each judges alone (protocol 4.2). What changes with every
// asking and means nothing (the nonce of the fence around evidence, the time that is left) is no part of it.
import { utf8 } from '../signing/bytes.ts';
import { type Digest, digestOfBytes } from '../signing/digest.ts';
import type { Prompt, Question } from './contract.ts';

/** Changes when the same question would get another key. */
const KEY_VERSION = 1;

/** The mark of a fence line (seats/prompt-fence.ts); fenced text cannot contain one, so the first is ours. */
const FENCE_MARK = /<<<([0-9a-f]{32}) begin /;

export function questionKey({ seat, backing, prompt, sampling }: Question): Digest {
  const { provider, host, model, accepts } = backing;
  const { system, user, schema } = withoutNonce(prompt);
  const { temperature, seed, maxTokens } = sampling;
  return digestOfTexts([
    KEY_VERSION,
    seat,
    [provider, host, model, accepts.temperature, accepts.seed, accepts.schema],
    [system, user, schema],
    [temperature, seed ?? null, maxTokens],
  ]);
}

/** Of any text there is: unlike canonical JSON, which is exchanged, it may hold half of a surrogate pair. */
export function digestOfTexts(parts: readonly unknown[]): Digest {
  return digestOfBytes(utf8(JSON.stringify(parts)));
}

function withoutNonce({ system, user, schema }: Prompt): Prompt {
  const nonce = FENCE_MARK.exec(user)?.[1];
  if (nonce === undefined) return { system, user, schema };
  return { system: system.replaceAll(nonce, 'nonce'), user: user.replaceAll(nonce, 'nonce'), schema };
}
