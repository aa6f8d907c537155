// Ollama: open models on machines of one's own. Streamed, since a model that first has to be loaded, or that writes a
// few words a second, would outlast every wait for a whole answer. The client's only way to stop is to stop
// everything it does, so each question gets a client of its own (it is a few fields) with a fetch that heeds
// that question's signal; connections are shared all the same.
import type { ChatRequest } from 'ollama';
import * as z from 'zod';
import { isRecord } from '../council/field-rules.ts';
import { type Ask, answerOf } from './call.ts';
import { HttpFailure, UnreadableAnswer } from './call-errors.ts';
import type { Question, Usage } from './contract.ts';
import type { Access } from './credentials.ts';
import { patientFetch } from './patient-fetch.ts';

/** An answer is not lost for a bill that cannot be read. */
const tokens = z.int().min(0).optional().catch(undefined);

const part = z.object({
  model: z.string(),
  message: z.object({ content: z.string().optional() }).optional(),
  done: z.boolean().optional(),
  done_reason: z.string().optional(),
  prompt_eval_count: tokens,
  eval_count: tokens,
});

export async function ollama({ baseUrl, key }: Access): Promise<Ask> {
  const { Ollama } = await import('ollama');
  return async (question, signal) => {
    const client = new Ollama({
      host: baseUrl,
      headers: key === undefined ? {} : { Authorization: `Bearer ${key}` },
      fetch: (input, init) => checkedFetch(input, { ...init, signal }),
    });
    const stream = await client.chat(requestOf(question));
    let text = '';
    let served = question.backing.model;
    let usage: Usage | undefined;
    let stop: string | undefined;
    for await (const said of stream) {
      const { model, message, done, done_reason, prompt_eval_count, eval_count } = part.parse(said);
      text += message?.content ?? '';
      served = model;
      if (done !== true) continue;
      stop = done_reason ?? 'stop';
      if (prompt_eval_count === undefined && eval_count === undefined) continue;
      usage = { inputTokens: prompt_eval_count ?? 0, outputTokens: eval_count ?? 0 };
    }
    if (stop !== 'stop' && stop !== 'length') throw new UnreadableAnswer('it stopped for an unknown reason');
    const ending = stop === 'length' ? 'truncated' : 'whole';
    return answerOf({ text, ending, model: served, usage }, question);
  };
}

function requestOf({ backing, prompt, sampling }: Question): ChatRequest & { readonly stream: true } {
  const { model, contextTokens, accepts } = backing;
  const { temperature, seed, maxTokens } = sampling;
  return {
    model,
    stream: true,
    messages: [
      { role: 'system', content: prompt.system },
      { role: 'user', content: prompt.user },
    ],
    ...(accepts.schema ? { format: prompt.schema } : {}),
    // Ollama would cut a prompt that is too long, and an answer's own beginning, without a word. The client does not
    // know these two; a server too old for them ignores them.
    ...{ truncate: false, shift: false },
    options: {
      num_ctx: contextTokens,
      num_predict: maxTokens,
      ...(accepts.temperature ? { temperature } : {}),
      ...(accepts.seed && seed !== undefined ? { seed } : {}),
    },
  };
}

/** The client drops an error's headers, and skips and prints lines that are no JSON; so neither gets as far as it. */
async function checkedFetch(input: string | URL | Request, init: RequestInit): Promise<Response> {
  const response = await patientFetch(input, init);
  if (!response.ok) throw new HttpFailure(response.status, response.headers, parsed(await response.text()));
  if (response.body === null) throw new UnreadableAnswer('the answer has no body');
  return new Response(response.body.pipeThrough(checkedLines()), response);
}

function checkedLines(): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder('utf-8');
  let held = '';
  let ended = false;
  const check = (line: string): void => {
    if (line.trim() === '') return;
    const value = parsed(line);
    if (!isRecord(value)) throw new UnreadableAnswer('a line of the stream is no JSON object');
    // An error in the midst of a stream.
    if (Object.hasOwn(value, 'error')) throw new HttpFailure(500, new Headers(), value);
    ended ||= value.done === true;
  };
  return new TransformStream({
    transform(bytes, controller) {
      const lines = (held + decoder.decode(bytes, { stream: true })).split('\n');
      held = lines.pop() ?? '';
      lines.forEach(check);
      controller.enqueue(bytes);
    },
    flush() {
      check(held + decoder.decode());
      // The client's own error for it has no name: it would pass for a host that is down.
      if (!ended) throw new UnreadableAnswer('the stream ended before the answer did');
    },
  });
}

/** JSON, or the text itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
