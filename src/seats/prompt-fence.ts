// The fence around what a submitter wrote. Each piece stands between two lines that carry a random nonce, which
// nobody who wrote evidence can know; what looks like such a line, or like a mark by which a model's own template
// tells system from user, is broken so that it shows but no longer works. A fence tells a model what is data;
// whether the model heeds it is the model's affair (docs/minds.md, "What a prompt cannot promise").
import { invariant } from '../errors.ts';

/** Begins every fence line; in fenced text and in templates it never occurs. */
export const FENCE_OPENING = '<<<';
const FENCE_CLOSING = '>>>';

/** Changes when fenced text would look different: it is part of what a seat is asked. */
export const FENCE_VERSION = 1;

const NONCE = /^[0-9a-f]{32}$/;

/** Angle brackets, their look-alikes, and what may hide between two of them. */
const OPENING_RUN =
  /[<\uff1c\ufe64\u2039\u276e\u2770\u02c2](?:[\p{Join_Control}\p{Variation_Selector}]*[<\uff1c\ufe64\u2039\u276e\u2770\u02c2])+/gu;
const CLOSING_RUN =
  /[>\uff1e\ufe65\u203a\u276f\u2771\u02c3](?:[\p{Join_Control}\p{Variation_Selector}]*[>\uff1e\ufe65\u203a\u276f\u2771\u02c3])+/gu;

/**
 * Marks of chat templates. Models that run locally are often handed one string in which these are read as control
 * tokens wherever they stand, so that evidence could end its own message.
 */
const CONTROL_TOKENS =
  /<(?=[|\uff5c])|(?<=[|\uff5c])>|<(?=\/?(?:s|bos|eos|pad|unk|think|thinking|system|user|assistant|human|tool_call|tool_response|function_calls?|start_of_turn|end_of_turn|sop|eop|extra_id_\d+|special_\d+|begin_of_text|end_of_text)>)|\[(?=\/?(?:INST|SYSTEM_PROMPT|THINK|gMASK|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_CONTENT|TOOL_RESULTS)\])/gi;

/** What nobody sees and a tokenizer still reads: variation selectors in a row or beyond the first sixteen, fillers. */
const UNSEEN =
  /[\u{e0100}-\u{e01ef}]|\p{Variation_Selector}{2,}|[\u115f\u1160\u3164\uffa0]|\p{Join_Control}{2,}|(?![\n\t]|\p{Join_Control})[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** Text of a stranger between marks. `label` is ours: `case`, or `evidence` with the id of the item. */
export function fenced(label: string, text: string, nonce: string): string {
  invariant(NONCE.test(nonce), 'a fence has a nonce of 32 hex digits');
  const line = (edge: string): string => `${FENCE_OPENING}${nonce} ${edge} ${label}${FENCE_CLOSING}`;
  return `${line('begin')}\n${harmless(text, nonce)}\n${line('end')}`;
}

/** The same to a reader, and no mark to a machine. */
export function harmless(text: string, nonce: string): string {
  return text
    .replace(UNSEEN, '\ufffd')
    .replace(OPENING_RUN, (run) => spaced(run))
    .replace(CLOSING_RUN, (run) => spaced(run))
    .replace(CONTROL_TOKENS, (sign) => (sign === '<' ? '\u2039' : sign === '>' ? '\u203a' : '('))
    .replace(new RegExp(nonce, 'gi'), '(mark removed)');
}

/** `<<<` becomes `< < <`. */
function spaced(run: string): string {
  return [...run.replace(/[\p{Join_Control}\p{Variation_Selector}]/gu, '')].join(' ');
}
